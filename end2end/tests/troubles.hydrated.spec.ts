import { people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

for (const [what, answer] of [
  ["blocked", undefined],
  ["corrupt", Buffer.from("not a program at all")],
] as const) {
  test(`f53 u13 with the program ${what} every page works by its plain forms`, async ({ page, watch, server, newClient }) => {
    watch.expects(/wasm|WebAssembly|ERR_FAILED|ERR_BLOCKED|compile|instantiate|fetch/i);
    const { Member } = await import("../fixtures/actions");
    const { newMember } = await import("../fixtures/people");
    const spoil = (target: typeof page) =>
      target.context().route("**/*.wasm", (route) => (answer === undefined ? route.abort() : route.fulfill({ status: 200, contentType: "application/wasm", body: answer })));
    await spoil(page);
    const ann = new Member(page, server, newMember(), false);
    await ann.signsUp();
    await ann.opensConnectLinks();
    const link = await ann.generatesLink("Without the program");
    const client = await newClient();
    await spoil(client.page);
    await client.connects(link, people.bakeryHuber);
    await ann.opensDashboard();
    await ann.seesConnected(people.bakeryHuber);
    await ann.deletesLink("Without the program");
    await ann.opensDashboard();
    await ann.signsOut();
  });
}

test("a press before the page is hydrated is not lost", async ({ ann, page }) => {
  // The program is held back until the press has been answered.
  let go = (): void => undefined;
  const pressed = new Promise<void>((done) => (go = done));
  await page.context().route("**/*.wasm", async (route) => {
    await pressed;
    await route.continue();
  });
  await page.goto("/accounts");
  await expect(page.locator("html[data-hydrated]")).toHaveCount(0);
  await ann.shareButton.click();
  await expect(ann.dialog).toBeVisible();
  await ann.dialog.getByRole("textbox", { name: "Description" }).fill("Early bird");
  await ann.dialog.getByRole("button", { name: "Generate connect-link" }).click();
  await expect(ann.urlField).toBeVisible();
  await expect(ann.link("Early bird")).toHaveCount(1);
  go();
  await expect(page.locator("html[data-hydrated]")).toBeAttached();
  await expect(ann.link("Early bird")).toHaveCount(1);
});

test("what is typed before the page is hydrated is kept", async ({ ann, page }) => {
  let go = (): void => undefined;
  const typed = new Promise<void>((done) => (go = done));
  await page.context().route("**/*.wasm", async (route) => {
    await typed;
    await route.continue();
  });
  await page.goto("/accounts/connect-links");
  const description = ann.dialog.getByRole("textbox", { name: "Description" });
  await description.fill("Typed early");
  go();
  await expect(page.locator("html[data-hydrated]")).toBeAttached();
  await expect(description).toHaveValue("Typed early");
});
