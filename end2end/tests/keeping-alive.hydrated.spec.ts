import { clipboard, tabTo } from "../fixtures/actions";
import { expectAccessible } from "../fixtures/axe";
import { people } from "../fixtures/people";
import { deaths } from "../fixtures/sandbox";
import { expect, test } from "../fixtures/test";

/** The account that lives and dies in these tests. */
const nora = people.studioNora;
const handle = `@${nora.username}`;

test.beforeEach(async ({ context, server }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.baseUrl });
});

test("t17 u26 the page of a pending account fills while the member only watches: state, facts, posts and pictures, and the focus stays", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(nora, 7);
  const link = await ann.sendsRequest(nora);
  await ann.opensAccount(nora);
  const loads: string[] = [];
  page.on("framenavigated", (frame) => loads.push(frame.url()));
  await ann.accountInSidebar(nora).focus();
  await somebody.connects(link, nora);
  await expect(ann.accountState).toHaveText("Active");
  await expect(page.getByRole("status").filter({ hasText: `${handle} is connected` })).toBeVisible();
  await expect(ann.fact("Access ends")).toContainText("in 59 days");
  await ann.seesCollected(7);
  await expect(ann.posts).toHaveCount(7);
  await ann.seesPictures();
  // What could be done about a request is no more; what can be done about an account is.
  for (const name of ["Regenerate request link", "Withdraw request"]) {
    await expect(ann.main.getByRole("button", { name }), name).toHaveCount(0);
  }
  await expect(ann.main.getByRole("button", { name: "Disconnect" })).toBeVisible();
  await expect(ann.accountInSidebar(nora)).toBeFocused();
  expect(loads).toEqual([]);
});

test("u26 t26 on an open dashboard an account is “Disconnected by the client” at once, and the focus stays", async ({ ann, newClient, somebody, page }) => {
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.seesConnected(nora);
  await ann.getsMails(ann.collectingMail(nora));
  const loads: string[] = [];
  page.on("framenavigated", (frame) => loads.push(frame.url()));
  await ann.newConnectionButton.focus();
  await (await newClient()).removesApp(nora);
  await expect(ann.account(nora)).toContainText("Disconnected by the client", { timeout: 5_000 });
  await expect(ann.accountInSidebar(nora)).toContainText("Disconnected by the client");
  await expect(ann.account(nora).getByRole("button", { name: "Log in again" })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: `${handle} needs to be connected again` })).toBeVisible();
  await expect(ann.newConnectionButton).toBeFocused();
  expect(loads).toEqual([]);
});

test("u26 t27 an account that dies while its page is open says so there, and its posts stay", async ({ ann, newClient, somebody, server, page }) => {
  await server.sandbox.hasPosts(nora, 7);
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.opensAccount(nora);
  await ann.seesCollected(7);
  await ann.seesPictures();
  const loads: string[] = [];
  page.on("framenavigated", (frame) => loads.push(frame.url()));
  await (await newClient()).removesApp(nora);
  await expect(ann.accountState).toHaveText("Disconnected by the client");
  await expect(ann.main).toContainText("The client removed the connection at Instagram.");
  await expect(ann.collectionState).toContainText("Nothing more is collected");
  await expect(ann.posts).toHaveCount(7);
  await expect(ann.pictures).toHaveCount(7);
  expect(loads).toEqual([]);

  // And it comes back to life in the same way.
  const url = await ann.asksClientToReconnect(ann.main);
  await somebody.connects(url, nora);
  await expect(ann.accountState).toHaveText("Active");
  await expect(ann.main.getByRole("textbox", { name: "Request link URL" })).toHaveCount(0);
  await expect(ann.main.getByRole("button", { name: "Log in again" })).toHaveCount(0);
  await ann.seesCollected(7);
  expect(loads).toEqual([]);
});

for (const place of ["row", "page"] as const) {
  test(`t26 u21 in the account's ${place} one press asks the client: the URL is shown and copied, as often as it is pressed`, async ({ ann, newClient, somebody, page }) => {
    const link = await ann.sharesLink();
    await somebody.connectsForAMoment(link, nora, deaths.passwordChanged);
    await ann.seesDead(nora);
    if (place === "page") await ann.opensAccount(nora);
    const part = place === "row" ? ann.account(nora) : ann.main;
    const first = await ann.asksClientToReconnect(part);
    await expect(part.getByRole("status").filter({ hasText: "Copied" })).toBeVisible();
    await expect.poll(() => clipboard(page)).toBe(first);
    const again = part.getByRole("button", { name: "Regenerate request link" });
    await again.click();
    const field = part.getByRole("textbox", { name: "Request link URL" });
    await expect(field).not.toHaveValue(first);
    const second = await field.inputValue();
    await expect.poll(() => clipboard(page)).toBe(second);
    await expect(again).toBeFocused();
    const client = await newClient();
    expect(await client.opensDead(first)).toBe(410);
    await client.opens(second);
    // Other news leaves the URL where it is.
    await somebody.connects(link, people.cafeLumen);
    await expect(ann.accountInSidebar(people.cafeLumen)).toContainText("Active");
    await expect(field).toHaveValue(second);
  });
}

test("t26 everything about a dead account can be done from the keyboard", async ({ ann, somebody, server, page }) => {
  await somebody.connectsForAMoment(await ann.sharesLink(), nora, deaths.passwordChanged);
  await ann.seesDead(nora);
  await tabTo(page, "Ask the client to reconnect");
  await page.keyboard.press("Enter");
  const url = ann.requestUrlOf(nora);
  await expect(url).toHaveValue(ann.linkPattern);
  await expect(page.locator(":focus")).toHaveAccessibleName("Regenerate request link");
  await expect.poll(async () => (await clipboard(page)) === (await url.inputValue())).toBe(true);

  // Disconnecting asks; Escape is "no", and the focus is back where it was.
  await tabTo(page, "Disconnect");
  await page.keyboard.press("Enter");
  await expect(ann.question).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(ann.question).toBeHidden();
  await expect(page.locator(":focus")).toHaveAccessibleName("Disconnect");

  await server.sandbox.heal();
  await page.getByRole("heading", { level: 1 }).focus();
  await tabTo(page, "Log in again");
  await page.keyboard.press("Enter");
  const client = ann.asClient();
  await client.isAtInstagram();
  await client.signsInAtInstagram(nora);
  await client.allows();
  await client.readsConnected(nora);
});

test("a78 u26 an open page of an account that its owner has deleted says so, and the sidebar forgets it", async ({ ann, newClient, somebody, page, watch }) => {
  // The page looks again, and finds nothing.
  watch.expects(/status of 404/);
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.opensAccount(nora);
  await ann.getsMails(ann.collectingMail(nora));
  await (await newClient()).asksForDeletion(nora);
  const told = page.getByRole("status").filter({ hasText: "This account is no longer one of your organization's." });
  await expect(told).toBeVisible();
  await expect(ann.accountInSidebar(nora)).toHaveCount(0);
  await told.getByRole("link", { name: "Go to your accounts" }).click();
  await ann.seesDashboard();
  await expect(ann.account(nora)).toHaveCount(0);
});

test("disconnecting from the account's page leads to the list, says by name what was done, and takes no document", async ({ ann, somebody, page }) => {
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.opensAccount(nora);
  const loads: string[] = [];
  page.on("load", () => loads.push(page.url()));
  await ann.disconnects(ann.main);
  await expect(page).toHaveURL("/accounts");
  await expect(page.getByRole("status").filter({ hasText: `${handle} is disconnected` })).toBeVisible();
  await expect(ann.accountInSidebar(nora)).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  expect(loads).toEqual([]);
});

test("u25 u26 trouble with Instagram is said on a page that is open already", async ({ ann, somebody, server }) => {
  const link = await ann.sendsRequest(nora);
  await ann.opensAccount(nora);
  await server.sandbox.misbehaves({ on: "media", kind: "rate_limited", times: 20, username: nora.username });
  await somebody.connects(link, nora);
  await expect(ann.accountState).toHaveText("Active");
  await expect(ann.collection).toContainText("Instagram asks us to slow down.");
});

test("u15 u27 the mails hold up to axe, light and dark, with both links in sight", async ({ ann, newClient, somebody, anotherBrowser }) => {
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.getsMails(ann.collectingMail(nora));
  await (await newClient()).removesApp(nora);
  const mails = await ann.getsMails(ann.collectingMail(nora), ann.deathMail(nora));
  await ann.opensAccount(nora);
  const address = ann.page.url();
  const program = await anotherBrowser();
  const asked: string[] = [];
  program.on("request", (request) => asked.push(request.url()));
  for (const { subject, html } of mails) {
    const grounds = new Set<string>();
    for (const colorScheme of ["light", "dark"] as const) {
      await program.emulateMedia({ colorScheme });
      await program.setContent(html);
      await expect(program).toHaveTitle(subject);
      await expect(program.getByRole("heading", { level: 1 })).toHaveCount(1);
      await expect(program.getByRole("link", { name: `Open ${handle} in Grantlink` })).toHaveAttribute("href", address);
      // U27: the plain link, for whoever trusts no button.
      await expect(program.getByRole("link", { name: address })).toBeVisible();
      await expectAccessible(program, `“${subject}”, ${colorScheme}`);
      grounds.add(await program.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor));
    }
    expect(grounds.size, `“${subject}” is dark in the dark`).toBe(2);
  }
  expect(asked).toEqual([]);
});
