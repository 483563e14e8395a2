import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Member } from "../fixtures/actions";
import { look } from "../fixtures/looks";
import { clientStates, clientVariants, memberStates, memberVariants, type State } from "../fixtures/states";
import { expect, test } from "../fixtures/test";

type Check = (page: Page, state: State, ann: Member) => Promise<void>;

function screens(titles: string, states: State[], check: Check): void {
  for (const state of states) {
    test(titles + state.name, async ({ server, watch, ann, newClient, somebody }) => {
      const page = await state.reach({ server, watch, ann, newClient, somebody });
      await check(page, state, ann);
      await look(page, state.name);
    });
  }
}

/** It has a language, one heading and one main part; and asks a client for no password (S04). */
const built: Check = async (page, { name }) => {
  // A mail, and the stand-in for Instagram, are no pages of ours.
  if (/^(mail|sandbox)/.test(name)) return;
  await expect(page.locator("html")).toHaveAttribute("lang", /^[a-z]{2}/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  await expect(page.getByRole("main")).toHaveCount(1);
  if (name.startsWith("client")) await expect(page.locator("input[type=password]")).toHaveCount(0);
};

/** So it is, and its title is that of no other state of its side. */
function named(side: string): Check {
  return async (page, state, ann) => {
    const { name } = state;
    await built(page, state, ann);
    // Each state has an organization of its own, whose name is no distinction.
    const title = (await page.title()).replaceAll(ann.identity.organization, "the organization");
    expect(title).not.toBe("");
    expect(await firstToBeCalled(title, side, name), `who is called “${title}”`).toBe(name);
  };
}

/** Several workers look at once: whoever makes the file has the title. The folder is emptied before each run. */
async function firstToBeCalled(title: string, side: string, name: string): Promise<string> {
  const folder = join(test.info().project.outputDir, "titles", side);
  const file = join(folder, createHash("sha256").update(title).digest("hex"));
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(file, name, { flag: "wx" });
    return name;
  } catch {
    return await readFile(file, "utf8");
  }
}

screens("s04 u15 u18 u19 ", clientStates, named("client"));
screens("u15 u18 u19 ", memberStates, named("member"));
screens("s04 u15 u18 u19 ", clientVariants, built);
screens("u15 u18 u19 ", memberVariants, built);
