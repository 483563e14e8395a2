import { Member } from "../fixtures/actions";
import { appCode, givesCode, linkIn, mailAbout, OwnAccount, subjects } from "../fixtures/own-account";
import { newMember } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

test("a forgotten password is set anew through the mail, once, and every session ends", async ({ ann, page, server, watch, anotherBrowser, javaScriptEnabled }) => {
  const elsewhere = new Member(await anotherBrowser(), server, ann.identity, javaScriptEnabled ?? true);
  await elsewhere.signsIn();
  await elsewhere.seesDashboard();
  await ann.signsOut();

  await page.getByRole("link", { name: "Forgot your password?" }).click();
  // The page before has a field of the same name.
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Forgot your password?");
  await page.getByLabel("Email").fill(ann.identity.email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.waitForURL(/\/forgot-password\?sent=1$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Look into your mailbox");
  const words = await page.getByRole("main").innerText();
  expect(page.url()).not.toContain(encodeURIComponent(ann.identity.email));

  const link = linkIn(server, await mailAbout(server, ann.identity.email, subjects.reset), "/reset-password");
  watch.keepsSecret("a one-time link", link.split("/").pop()!);
  const renewed = "four other small words";
  await page.goto(link);
  await page.getByLabel("New password").fill(renewed);
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page).toHaveURL("/sign-in");
  await ann.signsIn(renewed);
  await ann.seesDashboard();
  await mailAbout(server, ann.identity.email, "Your password was changed: your Grantlink account");

  await elsewhere.page.goto("/accounts");
  await expect(elsewhere.page).toHaveURL("/sign-in");
  watch.expects(/status of 404/);
  expect((await page.goto(link))?.status()).toBe(404);
  await expect(page.getByRole("link", { name: "Ask for a new link" })).toBeVisible();

  // Nobody learns from the page who has an account.
  await page.goto("/forgot-password");
  await page.getByLabel("Email").fill(newMember().email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.waitForURL(/\/forgot-password\?sent=1$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Look into your mailbox");
  expect(await page.getByRole("main").innerText()).toBe(words);
});

test("a18 u01 the client page says that an address is not verified until its owner presses the button in the mail", async ({ ann, page, server, watch, newClient, anotherBrowser }) => {
  const link = await ann.sharesLink("Bakery");
  const client = await newClient();
  await client.opens(link);
  await expect(client.banner).toContainText("Address not verified");

  const confirm = linkIn(server, await mailAbout(server, ann.identity.email, subjects.confirm), "/verify-email");
  watch.keepsSecret("the link of a mail", confirm.split("/").pop()!);
  const own = new OwnAccount(ann);
  await own.opens();
  await expect(own.address).toContainText("Not verified");
  // Opening it is not enough.
  for (let look = 0; look < 2; look += 1) {
    await page.goto(confirm);
    await expect(page.getByRole("main")).toContainText(ann.identity.email);
  }
  // Nor does whoever merely reads the mail confirm it.
  const stranger = await anotherBrowser();
  await stranger.goto(confirm);
  await expect(stranger.getByRole("heading", { level: 1 })).toHaveText("Sign in first");
  await expect(stranger.getByRole("button", { name: "Confirm this address" })).toHaveCount(0);
  await expect(stranger.getByRole("link", { name: "I am signed in now" })).toHaveAttribute("href", new URL(confirm).pathname);
  await client.opens(link);
  await expect(client.banner).toContainText("Address not verified");

  await page.getByRole("button", { name: "Confirm this address" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your email address is confirmed");
  await client.opens(link);
  await expect(client.banner).toContainText(ann.identity.email);
  await expect(client.banner).not.toContainText("not verified");
  await own.opens();
  await expect(own.address.locator(".badge")).toHaveText("Verified");

  watch.expects(/status of 404/);
  expect((await page.goto(confirm))?.status()).toBe(404);
});

test("a50 another address wants the password, and is taken once its mailbox has answered", async ({ ann, page, server, watch }) => {
  const own = new OwnAccount(ann);
  const email = newMember(undefined, "anna").email;
  watch.expects(/status of 422/);
  await own.opens();
  await own.asksForAddress(email, "not the password");
  await expect(page.getByRole("alert")).toContainText("This is not your password");
  await expect(own.address.getByLabel("New email address")).toHaveValue(email);
  await own.asksForAddress(email);
  await expect(own.said).toContainText("We have sent a mail to the new address");
  await expect(own.address).toContainText(`It becomes ${email}`);
  await mailAbout(server, ann.identity.email, "A new email address was asked for: your Grantlink account");

  await page.goto(linkIn(server, await mailAbout(server, email, subjects.confirm), "/verify-email"));
  await expect(page.getByRole("main")).toContainText(`It replaces ${ann.identity.email}`);
  await page.getByRole("button", { name: "Confirm this address" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your email address is confirmed");
  await mailAbout(server, ann.identity.email, "Your email address was changed: your Grantlink account");
  await ann.opensDashboard();
  await ann.signsOut();
  const renamed = new Member(page, server, { ...ann.identity, email }, ann.scripts);
  await renamed.signsIn();
  await renamed.seesDashboard();
});

test("a42 a50 a new password wants the old one, and ends the other sessions", async ({ ann, page, server, watch, anotherBrowser, javaScriptEnabled }) => {
  const elsewhere = new Member(await anotherBrowser(), server, ann.identity, javaScriptEnabled ?? true);
  await elsewhere.signsIn();
  await elsewhere.seesDashboard();
  const own = new OwnAccount(ann);
  const renewed = "four other small words";
  watch.expects(/status of 422/);
  await own.opens();
  await own.changesPassword("not the password", renewed);
  await expect(page.getByRole("alert")).toContainText("This is not your password");
  await own.changesPassword(ann.identity.password, "Password2026!");
  await expect(page.getByRole("alert")).toContainText("fewer people use");
  await own.changesPassword(ann.identity.password, renewed);
  await expect(own.said).toContainText("Your password is changed");
  await elsewhere.page.goto("/accounts");
  await expect(elsewhere.page).toHaveURL("/sign-in");
  await ann.opensDashboard();
});

test("a44 a person sees where they are signed in, and ends a session, and all others", async ({ ann, page, server, anotherBrowser, javaScriptEnabled }) => {
  const others: Member[] = [];
  for (let number = 0; number < 3; number += 1) {
    const other = new Member(await anotherBrowser(), server, ann.identity, javaScriptEnabled ?? true);
    await other.signsIn();
    await other.seesDashboard();
    others.push(other);
  }
  const own = new OwnAccount(ann);
  await own.opens();
  const rows = own.sessions.getByRole("listitem");
  await expect(rows).toHaveCount(4);
  await expect(rows.first()).toContainText("This one");
  await expect(rows.first()).toContainText("Chrome on Linux");
  await expect(rows.first()).toContainText("198.");
  await expect(rows.first().getByRole("button", { name: "End" })).toHaveCount(0);
  // The newest of the others is the last that signed in.
  await rows.nth(1).getByRole("button", { name: "End", exact: true }).click();
  await expect(own.said).toHaveText("The session has ended.");
  await expect(rows).toHaveCount(3);
  const ended = others.pop()!;
  await ended.page.goto("/accounts");
  await expect(ended.page).toHaveURL("/sign-in");

  await own.sessions.getByRole("button", { name: "End all others" }).click();
  await expect(own.said).toContainText("All your other sessions have ended.");
  await expect(rows).toHaveCount(1);
  for (const other of others) {
    await other.page.goto("/accounts");
    await expect(other.page).toHaveURL("/sign-in");
  }
  await page.goto("/accounts");
  await ann.seesDashboard();
});

test("two-factor sign-in is turned on, asked for, recovered and turned off", async ({ ann, page, watch, server }) => {
  const own = new OwnAccount(ann);
  await own.opens();
  const { key, codes } = await own.turnsTwoFactorOn();
  watch.keepsSecret("the key of an app", key);
  codes.forEach((code) => watch.keepsSecret("a recovery code", code));
  await mailAbout(server, ann.identity.email, "Two-factor sign-in is on: your Grantlink account");
  await own.opens();
  await expect(own.twoFactor).toContainText("You have 10 recovery codes left.");
  for (const code of codes) await expect(page.getByText(code)).toHaveCount(0);

  // Used. The code that turned it on was taken by that; the next one is good already.
  await ann.opensDashboard();
  await ann.signsOut();
  await ann.signsIn();
  watch.expects(/status of 4(01|22)/);
  await givesCode(page, "000000");
  await expect(page.getByRole("alert")).toContainText("This code does not fit");
  await page.goto("/accounts");
  await expect(page, "the password alone opens nothing").toHaveURL("/sign-in");
  await page.goto("/sign-in/two-factor");
  const next = appCode(key, 30);
  await givesCode(page, next);
  await ann.seesDashboard();

  // Taken once.
  await ann.signsOut();
  await ann.signsIn();
  await givesCode(page, next);
  await expect(page.getByRole("alert")).toContainText("This code does not fit");

  // Recovered.
  await givesCode(page, codes[0]!.toLowerCase());
  await ann.seesDashboard();
  await own.opens();
  await expect(own.twoFactor).toContainText("You have 9 recovery codes left.");
  await mailAbout(server, ann.identity.email, "A recovery code was used: your Grantlink account");

  // Turned off.
  const form = own.twoFactor.locator("form").filter({ has: page.getByRole("button", { name: "Turn off" }) });
  await own.twoFactor.getByText("Turn two-factor sign-in off").click();
  await form.getByLabel("Current password").fill(ann.identity.password);
  await form.getByRole("button", { name: "Turn off" }).click();
  await expect(own.said).toContainText("Two-factor sign-in is off.");
  await ann.opensDashboard();
  await ann.signsOut();
  await ann.signsIn();
  await ann.seesDashboard();
});

test("a second step whose set-up is given up leaves nothing behind", async ({ ann, page }) => {
  const own = new OwnAccount(ann);
  await own.opens();
  const key = await own.startsTwoFactor();
  expect(key).toMatch(/^[A-Z2-7]{32}$/);
  // The page shows it in groups.
  const shown = page.getByText(key.replace(/.{4}(?=.)/g, "$& "));
  await expect(shown).toHaveCount(1);
  await own.twoFactor.getByRole("button", { name: "Cancel set-up" }).click();
  await expect(own.said).toContainText("stays off");
  await expect(shown).toHaveCount(0);
  await expect(own.twoFactor).toContainText("Off");
});
