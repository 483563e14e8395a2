import { clipboard, hydrated, tabTo } from "../fixtures/actions";
import { people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

/** The account that is asked for in these tests. */
const nora = people.studioNora;
const handle = `@${nora.username}`;

test.beforeEach(async ({ context, server }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.baseUrl });
});

test("t08 t09 t10 t20 one press makes the link, copies it, closes the window and lists the account", async ({ ann, newClient, page }) => {
  const loads: string[] = [];
  await ann.opensRequestForm();
  page.on("load", () => loads.push(page.url()));
  await ann.usernameField.fill(handle);
  await ann.generateRequestButton.click();
  await expect(ann.dialog).toBeHidden();
  await expect(page).toHaveURL("/accounts");
  const link = await clipboard(page);
  expect(link).toMatch(ann.linkPattern);
  await expect(page.getByRole("status").filter({ hasText: /copied/i })).toBeVisible();
  // T20: without a reload.
  for (const place of [ann.account(nora), ann.accountInSidebar(nora)]) await expect(place).toContainText("Pending");
  expect(loads).toEqual([]);
  // T11: it is the link of that account.
  const client = await newClient();
  await client.opens(link);
  await expect(client.banner).toContainText(handle);
});

for (const [what, value] of [
  ["without a clipboard", "none"],
  ["where the clipboard refuses", "refusing"],
] as const) {
  test(`t09 u21 ${what} the window stays and shows the URL, ready to be copied by hand`, async ({ ann, newClient, page }) => {
    await page.addInitScript((kind) => {
      const refusing = { writeText: () => Promise.reject(new Error("refused")) };
      Object.defineProperty(navigator, "clipboard", { value: kind === "none" ? undefined : refusing });
      document.execCommand = () => false;
    }, value);
    await ann.opensDashboard();
    await ann.opensRequestForm();
    await ann.usernameField.fill(nora.username);
    await ann.generateRequestButton.click();
    await expect(ann.requestUrlField).toHaveValue(ann.linkPattern);
    await expect(ann.requestUrlField).not.toBeEditable();
    await expect(page.getByRole("status").filter({ hasText: /copied/i })).toHaveCount(0);
    const link = await ann.requestUrlField.inputValue();
    await ann.dialog.getByRole("button", { name: "Copy", exact: true }).click();
    await expect.poll(() => page.evaluate(selection)).toBe(link);
    await expect(ann.dialog.getByRole("status")).toContainText("to copy");
    await (await newClient()).opens(link);
  });
}

test("t09 where the window stays, “Copy” has the focus", async ({ ann, page }) => {
  await ann.requestsAccess(nora.username);
  await expect(page.locator("dialog :focus")).toHaveAccessibleName("Copy");
});

test("t10 where the window has closed by itself, the focus is somewhere on the page", async ({ ann, page }) => {
  await ann.opensRequestForm();
  await ann.usernameField.fill(nora.username);
  await ann.generateRequestButton.click();
  await expect(ann.dialog).toBeHidden();
  await expect(page.locator("main :focus")).toHaveCount(1);
});

test("t07 u18 what is to be mended can be typed over at once", async ({ ann, watch }) => {
  watch.expects(/status of 422/);
  await ann.opensRequestForm();
  await ann.usernameField.fill("Studio Nora");
  await ann.generateRequestButton.click();
  await expect(ann.usernameField).toHaveAttribute("aria-invalid", "true");
  await expect(ann.usernameField).toBeFocused();
  await ann.usernameField.fill(nora.username);
  await ann.generateRequestButton.click();
  await expect(ann.account(nora)).toContainText("Pending");
});

test("pressing Generate twice asks once", async ({ ann, page }) => {
  await ann.opensRequestForm();
  // The server takes its time, as far as this page can tell.
  await page.route("**/api/request_access*", async (route) => {
    await new Promise((done) => setTimeout(done, 600));
    await route.continue();
  });
  await ann.usernameField.fill(nora.username);
  await ann.generateRequestButton.dblclick();
  await expect(ann.dialog).toBeHidden();
  expect(await clipboard(page)).toMatch(ann.linkPattern);
  await expect(ann.account(nora)).toHaveCount(1);
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("f53 offline in the middle: the window says so, what was typed is kept, and it goes on afterwards", async ({ ann, context, watch }) => {
  watch.expects(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/);
  await ann.opensRequestForm();
  await ann.usernameField.fill(handle);
  await context.setOffline(true);
  await ann.generateRequestButton.click();
  await expect(ann.dialog.getByRole("alert")).toBeVisible();
  await expect(ann.usernameField).toHaveValue(handle);
  await context.setOffline(false);
  await ann.generateRequestButton.click();
  await expect(ann.dialog).toBeHidden();
  await expect(ann.account(nora)).toContainText("Pending");
});

test("t16 t17 the page left behind says where to go on, and turns to “connected” by itself", async ({ ann, newClient }) => {
  const client = await newClient();
  await client.opens(await ann.sendsRequest(nora));
  const loads: string[] = [];
  client.page.on("framenavigated", (frame) => loads.push(frame.url()));
  const other = await client.goesToConsentInNewWindow(nora);
  await expect(client.page.getByRole("status").filter({ hasText: /window that has just opened/ })).toBeVisible();
  await expect(client.continueButton).toBeVisible();
  await other.allows();
  await other.readsConnected(nora);
  // Nobody presses anything here.
  await client.readsConnected(nora);
  await expect(client.continueButton).toHaveCount(0);
  await expect(client.page).toHaveTitle(/is connected/);
  expect(loads).toEqual([]);
});

test("t16 pressed before it is hydrated, the page left behind turns to “connected” all the same", async ({ ann, newClient }) => {
  const link = await ann.sendsRequest(nora);
  const client = await newClient();
  // The program is held back until the press has been answered.
  let go = (): void => undefined;
  const pressed = new Promise<void>((done) => (go = done));
  await client.page.context().route("**/*.wasm", async (route) => {
    await pressed;
    await route.continue();
  });
  await client.opens(link);
  await expect(client.page.locator("html[data-hydrated]")).toHaveCount(0);
  const opening = client.page.context().waitForEvent("page");
  await client.continueButton.click();
  const other = await client.inWindow(await opening);
  go();
  await other.isAtInstagram();
  await hydrated(client.page, true);
  await other.signsInAtInstagram(nora);
  await other.allows();
  await other.readsConnected(nora);
  await client.readsConnected(nora);
});

test("t16 a request withdrawn meanwhile: the page left behind says that its link is dead", async ({ ann, newClient }) => {
  const client = await newClient();
  await client.opens(await ann.sendsRequest(nora));
  await client.continuesInNewWindow();
  await ann.withdrawsRequest(nora);
  await expect(client.heading).toHaveText("This link is not active right now");
  await expect(client.continueButton).toHaveCount(0);
});

test("t17 u26 the pending account turns active while the member only watches, and the focus stays where it is", async ({ ann, newClient, page }) => {
  const link = await ann.sendsRequest(nora);
  const loads: string[] = [];
  page.on("framenavigated", (frame) => loads.push(frame.url()));
  await ann.newConnectionButton.focus();
  await (await newClient()).fulfils(link, nora);
  await ann.seesConnected(nora);
  await expect(ann.account(nora).getByText("Pending", { exact: true })).toHaveCount(0);
  await expect(ann.account(nora).getByRole("button", { name: "Regenerate request link" })).toHaveCount(0);
  await expect(page.getByRole("status").filter({ hasText: `${handle} is connected` })).toBeVisible();
  await expect(ann.newConnectionButton).toBeFocused();
  expect(loads).toEqual([]);
});

test("a23 u07 u26 the member reads of a wrong account while they only watch", async ({ ann, newClient, page }) => {
  const client = await newClient();
  await client.opens(await ann.sendsRequest(nora));
  const loads: string[] = [];
  page.on("framenavigated", (frame) => loads.push(frame.url()));
  await client.goesThroughInNewWindow(people.cafeLumen);
  await expect(ann.account(nora)).toContainText(`Wrong account: @${people.cafeLumen.username}`);
  await expect(ann.account(nora)).toContainText("Pending");
  expect(loads).toEqual([]);
});

test("t20 u26 an account asked for in one tab is listed in the other, and gone from both when the request is withdrawn", async ({ ann, context }) => {
  const other = await context.newPage();
  await other.goto("/accounts");
  await hydrated(other, true);
  const row = other.getByRole("main").getByRole("listitem").filter({ hasText: handle });
  await ann.sendsRequest(nora);
  await expect(row).toContainText("Pending");
  await ann.withdrawsRequest(nora);
  await expect(row).toHaveCount(0);
});

test("t23 t24 one press regenerates, shows and copies, as often as it is pressed", async ({ ann, newClient, page }) => {
  await ann.opensRequestForm();
  await ann.usernameField.fill(nora.username);
  await ann.generateRequestButton.click();
  await expect(ann.dialog).toBeHidden();
  const links = [await clipboard(page)];
  for (let press = 0; press < 2; press += 1) {
    const link = await ann.regeneratesRequest(nora);
    await expect.poll(() => clipboard(page)).toBe(link);
    await expect(ann.account(nora).getByRole("status")).toHaveText("Copied");
    expect(links).not.toContain(link);
    links.push(link);
  }
  // "Copy" copies it again.
  await page.evaluate(() => navigator.clipboard.writeText("something else"));
  await ann.account(nora).getByRole("button", { name: "Copy", exact: true }).click();
  const newest = links.pop()!;
  await expect.poll(() => clipboard(page)).toBe(newest);
  const client = await newClient();
  for (const dead of links) expect(await client.opensDead(dead)).toBe(410);
  await client.opens(newest);
});

test("t24 u21 without a clipboard the new URL stands selected, ready to be copied by hand", async ({ ann, page }) => {
  await page.addInitScript(() => {
    document.execCommand = () => false;
  });
  await ann.hasNoClipboard();
  await ann.sendsRequest(nora);
  const fresh = await ann.regeneratesRequest(nora);
  await expect.poll(() => page.evaluate(selection)).toBe(fresh);
  await expect(ann.account(nora).getByRole("status")).toContainText("to copy");
});

test("t24 the new URL stays shown when the row has other news", async ({ ann, newClient }) => {
  await ann.sendsRequest(nora);
  const fresh = await ann.regeneratesRequest(nora);
  const client = await newClient();
  await client.opens(fresh);
  await client.goesThroughInNewWindow(people.cafeLumen);
  await expect(ann.account(nora)).toContainText("Wrong account");
  await expect(ann.requestUrlOf(nora)).toHaveValue(fresh);
});

test("t24 the new URL stays shown while time goes by", async ({ ann, page }) => {
  await ann.sendsRequest(nora);
  // From now on every answer of the server comes some minutes later, as far as this page can tell.
  await page.route("**/api/load_accounts*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll("just now", "5 minutes ago") });
  });
  const fresh = await ann.regeneratesRequest(nora);
  await expect(ann.account(nora)).toContainText("5 minutes ago");
  await expect(ann.requestUrlOf(nora)).toHaveValue(fresh);
});

test("t24 u20 two pending accounts each show their own new URL under its name", async ({ ann }) => {
  await ann.sendsRequest(nora);
  await ann.sendsRequest(people.cafeLumen);
  const hers = await ann.regeneratesRequest(nora);
  const theirs = await ann.regeneratesRequest(people.cafeLumen);
  expect(hers).not.toBe(theirs);
  await expect(ann.requestUrlOf(nora)).toHaveValue(hers);
  await expect(ann.requestUrlOf(people.cafeLumen)).toHaveValue(theirs);
});

test("t03 t04 t06 t08 t10 t23 t24 everything about a request can be done from the keyboard", async ({ ann, page }) => {
  await tabTo(page, "New Instagram connection");
  await page.keyboard.press("Enter");
  await expect(ann.dialog).toHaveAccessibleName("New Instagram connection");
  await tabTo(page, "+ Add Your Account");
  await page.keyboard.press("Enter");
  await expect(ann.dialog).toHaveAccessibleName("Add your account");
  await tabTo(page, "Request Account Access");
  await page.keyboard.press("Enter");
  // Typing starts in the name.
  await expect(ann.usernameField).toBeFocused();
  // The focus stays inside, however far it goes.
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press("Tab");
    const outside = await page.evaluate(() => {
      const { activeElement } = document;
      return activeElement !== null && activeElement !== document.body && activeElement.closest("dialog") === null;
    });
    expect(outside, `step ${step}`).toBe(false);
  }
  for (let step = 0; step < 12; step += 1) {
    if (await ann.usernameField.evaluate((field) => field === document.activeElement)) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type(handle);
  await page.keyboard.press("Enter");
  await expect(ann.dialog).toBeHidden();
  const link = await clipboard(page);
  expect(link).toMatch(ann.linkPattern);

  await tabTo(page, "Regenerate request link");
  await page.keyboard.press("Enter");
  await expect(ann.requestUrlOf(nora)).toHaveValue(ann.linkPattern);
  await expect(page.locator(":focus")).toHaveAccessibleName("Regenerate request link");
  const fresh = await ann.requestUrlOf(nora).inputValue();
  expect(fresh).not.toBe(link);
  await expect.poll(() => clipboard(page)).toBe(fresh);

  // Withdrawing asks; Escape is "no", and the focus is back where it was.
  await tabTo(page, "Withdraw request");
  await page.keyboard.press("Enter");
  await expect(ann.question).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(ann.question).toBeHidden();
  await expect(page).toHaveURL("/accounts");
  await expect(page.locator(":focus")).toHaveAccessibleName("Withdraw request");
  await page.keyboard.press("Enter");
  await expect(ann.question).toContainText(handle);
  // The row has a button of the same name.
  await expect(page.locator("main :focus")).toHaveCount(0);
  await tabTo(page, "Withdraw request");
  await page.keyboard.press("Enter");
  await expect(ann.question).toBeHidden();
  await expect(ann.account(nora)).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
});

for (const [step, opens] of [
  ["first", "opensNewConnection"],
  ["second", "opensAddAccount"],
  ["third", "opensRequestForm"],
] as const) {
  test(`t04 Escape closes the window at its ${step} step and gives the focus back`, async ({ ann, page }) => {
    await ann[opens]();
    await page.keyboard.press("Escape");
    await expect(ann.dialog).toBeHidden();
    await expect(page).toHaveURL("/accounts");
    await expect(ann.newConnectionButton).toBeFocused();
  });
}

/** What is selected in the field that has the focus. Runs in the page. */
function selection(): string {
  const field = document.activeElement;
  return field instanceof HTMLInputElement ? field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0) : "";
}
