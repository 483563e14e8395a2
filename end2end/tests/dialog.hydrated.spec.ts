import type { Page } from "@playwright/test";
import { people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

test.beforeEach(async ({ context, server }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.baseUrl });
});

const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

test("s12 s22 u21 Copy puts exactly the link's URL on the clipboard, and says so", async ({ ann, page }) => {
  await ann.opensConnectLinks();
  const first = await ann.generatesLink("First");
  await ann.dialog.getByRole("textbox", { name: "Connect-link URL" }).locator("xpath=..").getByRole("button", { name: "Copy", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toBeVisible();
  expect(await clipboard(page)).toBe(first);

  const second = await ann.generatesLink("Second");
  expect(second).not.toBe(first);
  await ann.link("First").getByRole("button", { name: "Copy", exact: true }).click();
  await expect(ann.link("First").getByRole("status")).toHaveText("Copied");
  expect(await clipboard(page)).toBe(first);
  await ann.link("Second").getByRole("button", { name: "Copy", exact: true }).click();
  await expect(ann.link("Second").getByRole("status")).toHaveText("Copied");
  expect(await clipboard(page)).toBe(second);
});

test("u21 without a clipboard the URL stands selected, ready to be copied by hand", async ({ ann, page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
    document.execCommand = () => false;
  });
  await ann.opensDashboard();
  await ann.opensConnectLinks();
  const link = await ann.generatesLink("By hand");
  for (const button of await ann.dialog.getByRole("button", { name: "Copy", exact: true }).all()) {
    await button.click();
    await expect
      .poll(() =>
        page.evaluate(() => {
          const field = document.activeElement;
          return field instanceof HTMLInputElement ? field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0) : "";
        }),
      )
      .toBe(link);
    await expect(page.getByRole("status").filter({ hasText: "Copied" })).toHaveCount(0);
    await expect(page.getByRole("status").filter({ hasText: /copy/i }).first()).toBeVisible();
  }
});

test("the dialog opens and closes without a change of document, and leaves nothing behind", async ({ ann, page }) => {
  await mark(page);
  await ann.opensConnectLinks();
  await ann.generatesLink("Quick");
  await ann.deletesLink("Quick");
  await page.getByRole("dialog").getByRole("link", { name: "Close" }).or(page.getByRole("dialog").getByRole("button", { name: "Close" })).click();
  await expect(ann.dialog).toBeHidden();
  await expect(page).toHaveURL("/accounts");
  expect(await isMarked(page)).toBe(true);
  // Back and Forward walk through the dialog.
  await page.goBack();
  await page.goForward();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("u32 the dialog moves as it opens, and not for who asks for less motion", async ({ ann, page }) => {
  await page.evaluate(() => {
    const moves: string[] = [];
    Object.assign(window, { moves });
    document.addEventListener("animationstart", (event) => moves.push(event.animationName));
  });
  // After two frames everything that moves has begun to.
  const moves = (): Promise<string[]> =>
    page.evaluate(async () => {
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      return (window as unknown as { moves: string[] }).moves;
    });
  await page.emulateMedia({ reducedMotion: "reduce" });
  await ann.opensConnectLinks();
  await expect(ann.dialog.getByRole("textbox", { name: "Description" })).toBeFocused();
  expect(await moves()).toEqual([]);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  await page.keyboard.press("Escape");
  await expect(ann.dialog).toBeHidden();

  await page.emulateMedia({ reducedMotion: "no-preference" });
  await ann.opensConnectLinks();
  await expect.poll(moves).not.toEqual([]);
});

test("everything in the dialog can be done from the keyboard, and Escape gives the focus back", async ({ ann, page }) => {
  await tabTo(page, "Share a connect-link");
  await page.keyboard.press("Enter");
  await expect(ann.dialog).toBeVisible();
  // Typing starts in the description.
  await expect(ann.dialog.getByRole("textbox", { name: "Description" })).toBeFocused();
  await page.keyboard.type("From the keyboard");
  await page.keyboard.press("Enter");
  await expect(ann.urlField).toBeVisible();
  // Copy is focused: Enter copies.
  await expect(page.locator(":focus")).toHaveAccessibleName("Copy");
  await page.keyboard.press("Enter");
  const link = await ann.urlField.inputValue();
  await expect.poll(() => clipboard(page)).toBe(link);

  // The focus stays inside, however far it goes.
  for (let step = 0; step < 25; step += 1) {
    await page.keyboard.press("Tab");
    const outside = await page.evaluate(() => {
      const { activeElement } = document;
      return activeElement !== null && activeElement !== document.body && activeElement.closest("dialog") === null;
    });
    expect(outside, `step ${step}`).toBe(false);
  }

  // Delete asks; Escape is "no", and the focus is back where it was.
  await tabTo(page, "Delete");
  await page.keyboard.press("Enter");
  await expect(ann.question).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(ann.question).toBeHidden();
  await expect(ann.link("From the keyboard")).toHaveCount(1);
  await expect(page.locator(":focus")).toHaveAccessibleName("Delete");

  await page.keyboard.press("Enter");
  await expect(ann.question).toBeVisible();
  await tabTo(page, "Delete link");
  await page.keyboard.press("Enter");
  await expect(ann.question).toBeHidden();
  await expect(ann.dialog).toBeVisible();
  await expect(ann.link("From the keyboard")).toHaveCount(0);
  // The row that had the focus is gone; the focus is still in the dialog.
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest("dialog") !== null)).toBe(true);

  await page.keyboard.press("Escape");
  await expect(ann.dialog).toBeHidden();
  await expect(ann.shareButton).toBeFocused();
  await expect(page).toHaveURL("/accounts");
});

test("pressing Generate twice makes one link", async ({ ann, page }) => {
  await ann.opensConnectLinks();
  // The server takes its time, as far as this page can tell.
  await page.route("**/api/generate_link*", async (route) => {
    await new Promise((done) => setTimeout(done, 600));
    await route.continue();
  });
  await ann.dialog.getByRole("textbox", { name: "Description" }).fill("Once");
  await ann.dialog.getByRole("button", { name: "Generate connect-link" }).dblclick();
  await expect(ann.urlField).toBeVisible();
  await expect(ann.dialog.getByRole("listitem")).toHaveCount(1);
  await page.reload();
  await expect(ann.dialog.getByRole("listitem")).toHaveCount(1);
});

test("f53 offline in the middle: the page says so, what was typed is kept, and it goes on afterwards", async ({ ann, context, watch }) => {
  watch.expects(/ERR_INTERNET_DISCONNECTED/);
  await ann.opensConnectLinks();
  const description = ann.dialog.getByRole("textbox", { name: "Description" });
  await description.fill("Typed on the train");
  await context.setOffline(true);
  await ann.dialog.getByRole("button", { name: "Generate connect-link" }).click();
  await expect(ann.dialog.getByRole("alert")).toBeVisible();
  await expect(description).toHaveValue("Typed on the train");
  await context.setOffline(false);
  await ann.dialog.getByRole("button", { name: "Generate connect-link" }).click();
  await expect(ann.link("Typed on the train")).toHaveCount(1);
});

test("a43 a session that ended elsewhere: the next action leads to signing in", async ({ ann, page, context, watch }) => {
  watch.expects(/status of 401/);
  await ann.opensConnectLinks();
  await context.clearCookies();
  await ann.dialog.getByRole("button", { name: "Generate connect-link" }).click();
  const signIn = ann.dialog.getByRole("link", { name: "Sign in" });
  await expect(async () => {
    expect(new URL(page.url()).pathname === "/sign-in" || (await signIn.isVisible())).toBe(true);
  }).toPass();
});

test("two members' tabs agree: a link deleted in one is gone from the other", async ({ ann, context }) => {
  await ann.generatesLink("Shared view");
  const other = await context.newPage();
  await other.goto("/accounts/connect-links");
  const entry = other.getByRole("dialog").getByRole("listitem").filter({ hasText: "Shared view" });
  await expect(entry).toHaveCount(1);
  await expect(other.locator("html[data-hydrated]")).toBeAttached();
  await ann.deletesLink("Shared view");
  await expect(entry).toHaveCount(0);
});

test("disconnecting from the keyboard leaves the focus in a sensible place", async ({ ann, somebody, page }) => {
  await somebody.connects(await ann.sharesLink(), people.studioNora);
  await ann.opensDashboard();
  await tabTo(page, "Disconnect");
  await page.keyboard.press("Enter");
  await expect(ann.question).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(ann.question).toBeHidden();
  await expect(page.locator(":focus")).toHaveAccessibleName("Disconnect");
  await page.keyboard.press("Enter");
  await tabTo(page, "Disconnect");
  await page.keyboard.press("Enter");
  await expect(ann.account(people.studioNora)).toHaveCount(0);
  await expect.poll(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true);
});

async function mark(page: Page): Promise<void> {
  await page.evaluate(() => {
    document.documentElement.dataset["marked"] = "yes";
  });
}

/** Whether the document is still the one that was marked. */
function isMarked(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.dataset["marked"] === "yes");
}

/** Presses Tab until something of this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let step = 0; step < 40; step += 1) {
    const focused = page.locator(":focus");
    if ((await focused.count()) === 1) {
      const words = await focused.evaluate((element) => element.getAttribute("aria-label") ?? element.textContent ?? "");
      if (words.trim() === name) return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${name}`);
}
