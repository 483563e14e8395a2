import type { Locator, Page } from "@playwright/test";
import { hydrated } from "../fixtures/actions";
import { expectOnPhone, PHONE } from "../fixtures/looks";
import { people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

/** The account that is asked for in these tests. */
const nora = people.studioNora;
const handle = `@${nora.username}`;

test("t02 t03 t04 t06 a member without the password is led from “New Instagram connection” to the account's name", async ({ ann, page }) => {
  await ann.opensNewConnection();
  await expect(ann.dialog.getByRole("heading", { name: "Account", exact: true })).toBeVisible();
  await ann.dialog.getByRole("button", { name: "+ Add Your Account" }).click();
  // T04: both ways, side by side.
  await expect(ann.dialog).toHaveAccessibleName("Add your account");
  await expect(ann.dialog.getByRole("button", { name: "Log in to an Account" })).toBeVisible();
  await ann.dialog.getByRole("button", { name: "Request Account Access" }).click();
  await expect(ann.dialog).toHaveAccessibleName("Request account access");
  await expect(ann.usernameField).toBeEditable();
  await expect(ann.usernameField).toHaveValue("");
  await expect(ann.generateRequestButton).toBeVisible();
  await hydrated(page, ann.scripts);
  await ann.dialog.getByRole("link", { name: "Close" }).click();
  await expect(ann.dialog).toBeHidden();
  await expect(page).toHaveURL("/accounts");
});

test("t05 a member who has the password connects the account themselves, at once", async ({ ann, page }) => {
  await ann.opensAddAccount();
  await ann.dialog.getByRole("button", { name: "Log in to an Account" }).click();
  const client = ann.asClient();
  await client.isAtInstagram();
  await client.signsInAtInstagram(nora);
  await client.allows();
  await client.readsConnected(nora);
  await page.getByRole("link", { name: "Go to your accounts" }).click();
  await ann.seesDashboard();
  await ann.seesConnected(nora);
  // Nobody is given the link behind it.
  await ann.opensConnectLinks();
  await expect(ann.dialog.getByRole("textbox", { name: "Description" })).toBeVisible();
  await expect(ann.dialog.getByRole("listitem")).toHaveCount(0);
});

test("t05 a member whose own account does not fit is led back to the two choices", async ({ ann }) => {
  await ann.opensAddAccount();
  const logIn = ann.dialog.getByRole("button", { name: "Log in to an Account" });
  await logIn.click();
  const client = ann.asClient();
  await client.isAtInstagram();
  await client.signsInAtInstagram(people.miaPersonal);
  await client.allows();
  await client.readsNotConnected();
  await client.tryAgain.click();
  await expect(ann.dialog).toHaveAccessibleName("Add your account");
  await logIn.click();
  await client.isAtInstagram();
  await client.signsInAtInstagram(nora);
  await client.allows();
  await client.readsConnected(nora);
});

test("t07 the name is taken with or without “@”, in any case and with spaces around it, and is one name", async ({ ann, page, watch }) => {
  watch.expects(/status of 422/);
  await ann.requestsAccess("  @Studio.Nora ");
  await ann.opensDashboard();
  await expect(ann.account(nora).getByText(handle, { exact: true })).toBeVisible();
  for (const written of ["studio.nora", "@studio.nora", "STUDIO.NORA", " Studio.Nora  "]) {
    await page.goto("/accounts/new/request");
    await hydrated(page, ann.scripts);
    await ann.usernameField.fill(written);
    await ann.generateRequestButton.click();
    await expect(ann.dialog.getByText(`You already asked for ${handle}`)).toBeVisible();
    await expect(ann.usernameField).toHaveValue(written);
  }
  await ann.opensDashboard();
  await expect(ann.account(nora)).toHaveCount(1);
});

test("t07 u18 u20 what cannot be a name is refused beside the field with the reason, and stays typed", async ({ ann, page, watch }) => {
  watch.expects(/status of 422/);
  const letters = /only letters, digits, dots and underscores/;
  const dots = /neither begin nor end with a dot/;
  for (const [written, reason] of [
    ["", /Enter the account's name/],
    ["@", /Enter the account's name/],
    ["Studio Nora", letters],
    ["bäckerei", letters],
    ["instagram.com/studio.nora", letters],
    ["a".repeat(31), /at most 30 characters/],
    [".studio", dots],
    ["studio..nora", dots],
  ] as const) {
    await test.step(`“${written}”`, async () => {
      await page.goto("/accounts/new/request");
      await hydrated(page, ann.scripts);
      await ann.usernameField.fill(written);
      await ann.generateRequestButton.click();
      await expect(ann.usernameField).toHaveAttribute("aria-invalid", "true");
      // U20: the reason is tied to the field.
      await expect(ann.usernameField).toHaveAccessibleDescription(reason);
      await expect(ann.dialog.getByText(reason)).toBeVisible();
      await expect(ann.usernameField).toHaveValue(written);
      await expect(ann.requestUrlField).toHaveCount(0);
      expect(page.url(), "the address says nothing of it").not.toContain("__err");
    });
  }
  await ann.opensDashboard();
  await expect(page.getByText("Pending", { exact: true })).toHaveCount(0);
});

test("t07 an account that is connected already is not asked for", async ({ ann, somebody, watch }) => {
  watch.expects(/status of 422/);
  await somebody.connects(await ann.sharesLink(), people.bakeryHuber);
  await ann.opensRequestForm();
  await ann.usernameField.fill("@Bakery_Huber");
  await ann.generateRequestButton.click();
  await expect(ann.usernameField).toHaveAccessibleDescription(/@bakery_huber is connected already/);
  await expect(ann.usernameField).toHaveValue("@Bakery_Huber");
  await ann.opensDashboard();
  await ann.seesConnected(people.bakeryHuber);
});

test("t08 t09 t11 without a clipboard the window stays with the URL, which works wherever it is pasted, read by a preview first or not", async ({ ann, newClient }) => {
  const link = await ann.requestsAccess(nora.username);
  await expect(ann.requestUrlField).not.toBeEditable();
  await expect(ann.requestUrlField).toHaveValue(link);
  // Chats and mail scanners open a link before people do: nothing is used up.
  for (const userAgent of ["Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "WhatsApp/2.23.20.0"]) {
    const got = await fetch(link, { headers: { "user-agent": userAgent } });
    expect(got.status).toBe(200);
    expect(got.headers.get("set-cookie")).toBeNull();
    expect(await got.text()).toContain("Continue to Instagram");
  }
  const client = await newClient();
  await client.fulfils(link, nora);
  await ann.opensDashboard();
  await ann.seesConnected(nora);
});

test("t12 no page of ours asks for the password, and no file of the server holds it", async ({ ann, newClient, server }) => {
  const passwords = (one: Page): Locator => one.locator("input[type=password]");
  await ann.opensNewConnection();
  await expect(passwords(ann.page)).toHaveCount(0);
  await ann.opensDashboard();
  await ann.opensAddAccount();
  await expect(passwords(ann.page)).toHaveCount(0);
  const link = await ann.requestsAccess(nora.username);
  await expect(passwords(ann.page)).toHaveCount(0);
  const client = await newClient();
  await client.opens(link);
  await expect(passwords(client.page)).toHaveCount(0);
  await expect(client.page.getByText(/password stays with Instagram/i)).toBeVisible();
  const other = await client.goesThroughInNewWindow(nora);
  await other.readsConnected(nora);
  // The server's own words at its start name the sandbox's accounts and their passwords, once, for whoever tries it.
  expect(await server.filesHolding(nora.password)).toEqual(["log"]);
  expect((await server.log()).split(nora.password)).toHaveLength(2);
});

test("t15 u01 the client reads who asks for which account, on the first screen of a small phone", async ({ ann, newClient }) => {
  const link = await ann.sendsRequest(nora);
  const client = await newClient({ viewport: PHONE });
  await client.opens(link);
  await expect(client.heading).toHaveText(`${ann.identity.email} asks you to connect ${handle}`);
  await expect(client.banner).toContainText(handle);
  await expect(client.banner).toContainText(ann.identity.organization);
  await expect(client.page.locator(".button-primary")).toHaveCount(1);
  for (const part of [client.heading, client.banner, client.continueButton]) await expectOnPhone(part);
});

test("t13 t14 t16 t17 Instagram opens in a window of its own and is asked for reading alone; then the connection is active", async ({ ann, newClient, server }) => {
  const link = await ann.sendsRequest(nora);
  const client = await newClient();
  await client.opens(link);
  const asking = client.page.context().waitForEvent("request", (request) => {
    const { origin, pathname } = new URL(request.url());
    return origin === server.sandbox.origin && pathname === "/oauth/authorize";
  });
  const other = await client.continuesInNewWindow();
  await other.isAtInstagram();
  const asked = new URL((await asking).url()).searchParams;
  expect(asked.get("response_type")).toBe("code");
  expect(asked.get("scope")).toBe("instagram_business_basic");
  // The page that asked is still there.
  await expect(client.page).toHaveURL(link);
  await expect(client.banner).toContainText(handle);

  await other.signsInAtInstagram(nora);
  await other.allows();
  await other.isBack();
  await other.readsConnected(nora);
  // The request was for this one account.
  await expect(other.page.getByText("Connect another account")).toHaveCount(0);
  // Looked at again, the page that asked knows it as well.
  const response = await client.page.goto(link);
  expect(response?.status()).toBe(200);
  await client.readsConnected(nora);
  await expect(client.continueButton).toHaveCount(0);

  await ann.opensDashboard();
  await ann.seesConnected(nora);
  await expect(ann.page.getByText("Pending", { exact: true })).toHaveCount(0);
});

test("t01 t20 t21 t22 as soon as the link exists the account is listed, greyed out and “Pending”, and has no access yet", async ({ ann, somebody }) => {
  await somebody.connects(await ann.sharesLink(), people.bakeryHuber);
  await ann.requestsAccess(nora.username);
  // T20: behind the window that shows the link.
  await expect(ann.accountInSidebar(nora)).toHaveCount(1);
  await ann.opensDashboard();
  const colour = (part: Locator): Promise<string> => part.evaluate((element) => getComputedStyle(element).color);
  for (const [pending, live] of [
    [ann.accountInSidebar(nora), ann.accountInSidebar(people.bakeryHuber)],
    [ann.account(nora), ann.account(people.bakeryHuber)],
  ] as const) {
    await expect(pending).toHaveCount(1);
    await expect(pending.getByText("Pending", { exact: true })).toBeVisible();
    await expect(pending).not.toContainText("Active");
    await expect(live).toContainText("Active");
    const [grey, plain] = await Promise.all([
      colour(pending.getByText(handle, { exact: true })),
      colour(live.getByText(`@${people.bakeryHuber.username}`, { exact: true })),
    ]);
    expect(grey).not.toBe(plain);
  }
  // U24: since when, with the year.
  await expect(ann.account(nora)).toContainText(/Access requested\s+\d{1,2} [A-Z][a-z]{2} 20\d\d\b/);
  await expect(ann.account(nora)).not.toContainText(/Access ends|Connected/);
  await expect(ann.account(nora).getByRole("button", { name: "Disconnect" })).toHaveCount(0);
});

test("t23 t24 regenerating acts at once: the old URL is dead, the new one is shown and works", async ({ ann, newClient }) => {
  const old = await ann.sendsRequest(nora);
  const regenerate = ann.account(nora).getByRole("button", { name: "Regenerate request link" });
  await expect(regenerate.locator("svg")).toBeVisible();
  const fresh = await ann.regeneratesRequest(nora);
  expect(fresh).not.toBe(old);
  // No question in between.
  await expect(ann.question).toHaveCount(0);
  await expect(ann.requestUrlOf(nora)).not.toBeEditable();
  await expect(ann.account(nora)).toContainText("Pending");

  const client = await newClient();
  expect(await client.opensDead(old)).toBe(410);
  await expect(client.heading).toHaveText("This link is not active right now");
  for (const secret of [ann.identity.organization, ann.identity.email, nora.username]) {
    expect(await client.page.content()).not.toContain(secret);
  }
  const newest = await ann.regeneratesRequest(nora);
  for (const dead of [old, fresh]) expect(await client.opensDead(dead)).toBe(410);
  await client.fulfils(newest, nora);
  await ann.opensDashboard();
  await ann.seesConnected(nora);
});

test("t24 a request regenerated while its page is open: the button starts nothing", async ({ ann, newClient, server }) => {
  const client = await newClient();
  await client.opens(await ann.sendsRequest(nora));
  await ann.regeneratesRequest(nora);
  const other = await client.continuesInNewWindow();
  await client.page.close();
  await expect(other.heading).toHaveText("This link is not active right now");
  expect(new URL(other.page.url()).origin).toBe(server.baseUrl);
});

for (const what of ["regenerated", "withdrawn"] as const) {
  test(`a22 a request ${what} while its client is at Instagram connects nothing`, async ({ ann, newClient }) => {
    const client = await newClient();
    await client.opens(await ann.sendsRequest(nora));
    const other = await client.goesToConsentInNewWindow(nora);
    await client.page.close();
    if (what === "regenerated") await ann.regeneratesRequest(nora);
    else await ann.withdrawsRequest(nora);
    await other.allows();
    await other.isBack();
    await expect(other.heading).toHaveText("This link is not active right now");
    await expect(other.page.getByText("is connected")).toHaveCount(0);
    await ann.seesNoAccount();
    await expect(ann.account(nora)).toHaveCount(what === "regenerated" ? 1 : 0);
  });
}

test("a23 u07 another account than the requested one: both are named, nothing is stored, the member reads it, and the client can switch", async ({ ann, newClient }) => {
  const link = await ann.sendsRequest(nora);
  const client = await newClient();
  await client.opens(link);
  const other = await client.goesThroughInNewWindow(people.cafeLumen);
  await other.readsNotConnected();
  const words = other.page.getByRole("main");
  for (const part of [`@${people.cafeLumen.username}`, handle, "Nothing was stored"]) await expect(words).toContainText(part);
  await other.page.reload();
  await other.readsNotConnected();

  await ann.seesNoAccount();
  await expect(ann.account(nora)).toHaveCount(1);
  await expect(ann.account(nora)).toContainText("Pending");
  await expect(ann.account(nora)).toContainText(`Wrong account: @${people.cafeLumen.username}`);
  await expect(ann.accountInSidebar(people.cafeLumen)).toHaveCount(0);

  // The same link, and this time the right account.
  await other.tryAgain.click();
  await expect(other.page).toHaveURL(link);
  await expect(other.continueButton).toBeVisible();
  const again = await other.goesThroughInNewWindow(nora);
  await again.readsConnected(nora);
  await ann.opensDashboard();
  await ann.seesConnected(nora);
  await expect(ann.page.getByText("Wrong account")).toHaveCount(0);
});

test("a23 an account of the organization's own that is not the requested one stays as it is", async ({ ann, newClient, somebody }) => {
  await somebody.connects(await ann.sharesLink("Café, autumn"), people.cafeLumen);
  const client = await newClient();
  await client.opens(await ann.sendsRequest(nora));
  const other = await client.goesThroughInNewWindow(people.cafeLumen);
  await other.readsNotConnected();
  await ann.opensDashboard();
  await expect(ann.accountInSidebar(people.cafeLumen)).toContainText("Active");
  await expect(ann.page.getByRole("main").getByRole("listitem").filter({ hasText: "Café, autumn" })).toContainText("Active");
  await expect(ann.accountInSidebar(nora)).toContainText("Pending");
});

test("u06 who cancels a request reads that nothing was shared, and may try again with the same link", async ({ ann, newClient }) => {
  const link = await ann.sendsRequest(nora);
  const client = await newClient();
  await client.opens(link);
  const other = await client.goesToConsentInNewWindow(nora);
  await other.cancels();
  await other.readsNotConnected();
  await expect(other.heading).toHaveText("Nothing was shared");
  await other.tryAgain.click();
  await expect(other.page).toHaveURL(link);
  await ann.opensDashboard();
  await expect(ann.account(nora)).toContainText("Pending");
});

test("f11 two clients with one request: the first connects, the second reads that it is done", async ({ ann, newClient }) => {
  const link = await ann.sendsRequest(nora);
  const [first, second] = [await newClient(), await newClient()];
  await first.opens(link);
  await second.opens(link);
  const one = await first.goesToConsentInNewWindow(nora);
  const two = await second.goesToConsentInNewWindow(nora);
  await second.page.close();
  await one.allows();
  await one.readsConnected(nora);
  await two.allows();
  await two.isBack();
  await expect(two.heading).toHaveText("This request is done already");
  await ann.opensDashboard();
  await ann.seesConnected(nora);
});

test("u09 a request that is done says so to whoever opens it later, without a word about whom it was for", async ({ ann, newClient }) => {
  const link = await ann.sendsRequest(nora);
  const client = await newClient();
  await client.fulfils(link, nora);
  const late = await newClient();
  expect(await late.opensDead(link)).toBe(410);
  await expect(late.heading).toHaveText("This request is done already");
  for (const secret of [ann.identity.organization, ann.identity.email, nora.username]) {
    expect(await late.page.content()).not.toContain(secret);
  }
  // Whoever did it reads what they did, as often as they like.
  const response = await client.page.goto(link);
  expect(response?.status()).toBe(200);
  await client.readsConnected(nora);
});

test("u23 a request can be withdrawn: asked once, its link is dead, and it can be made again", async ({ ann, newClient, page }) => {
  const link = await ann.sendsRequest(nora);
  await ann.asksToWithdraw(nora);
  await expect(ann.question).toContainText(handle);
  await expect(ann.question).toContainText("stops working at once");
  await ann.question.getByRole("button", { name: "Cancel" }).click();
  await expect(ann.question).toBeHidden();
  await expect(ann.account(nora)).toContainText("Pending");
  await hydrated(page, ann.scripts);

  await ann.withdrawsRequest(nora);
  await expect(ann.accountInSidebar(nora)).toHaveCount(0);
  await expect(page.getByRole("status").filter({ hasText: /withdrawn/i })).toBeVisible();
  const client = await newClient();
  expect(await client.opensDead(link)).toBe(410);
  await expect(client.heading).toHaveText("This link is not active right now");

  const again = await ann.requestsAccess(nora.username);
  expect(again).not.toBe(link);
  await client.fulfils(again, nora);
});

test("without a session every address of a request leads to signing in", async ({ ann, newClient, server }) => {
  await ann.sendsRequest(nora);
  await ann.asksToWithdraw(nora);
  await expect(ann.page).toHaveURL(/\/accounts\/[^/]+\/withdraw\??$/);
  const withdraw = new URL(ann.page.url()).pathname;
  const client = await newClient();
  for (const path of ["/accounts/new", "/accounts/new/account", "/accounts/new/request", withdraw]) {
    await client.page.goto(path);
    await expect(client.page, path).toHaveURL("/sign-in");
  }
  const headers = { origin: server.baseUrl };
  const logIn = await client.page.request.post("/accounts/log-in", { headers, maxRedirects: 0 });
  expect(logIn.status()).toBe(303);
  expect(logIn.headers()["location"]).toBe("/sign-in");
  const asked = await client.page.request.post("/api/request_access", {
    form: { username: "cafe_lumen" },
    headers: { ...headers, accept: "application/json" },
  });
  expect(asked.status()).toBe(401);
  await ann.opensDashboard();
  await expect(ann.accountInSidebar(people.cafeLumen)).toHaveCount(0);
});

test("one organization's requests are no other's", async ({ ann, newMemberNamed, newClient }) => {
  const bob = await newMemberNamed("Northwind");
  const links = [await ann.sendsRequest(nora), await bob.sendsRequest(nora)];
  expect(links[0]).not.toBe(links[1]);
  await (await newClient()).fulfils(links[0]!, nora);
  await ann.opensDashboard();
  await ann.seesConnected(nora);
  await bob.opensDashboard();
  await expect(bob.account(nora)).toContainText("Pending");
});
