import { hydrated } from "../fixtures/actions";
import { expect, test } from "../fixtures/test";
import { newMember } from "../fixtures/people";
import { SUPPORT_EMAIL } from "../fixtures/server";

test("s07 signing up ends on the dashboard, which says what to do first and is reached from every page", async ({ ann, page }) => {
  await expect(page).toHaveURL("/accounts");
  await expect(ann.shareButton).toBeVisible();
  await expect(page.getByText(ann.identity.organization).first()).toBeVisible();
  // The sidebar is the first navigation, and opens the accounts page.
  const sidebar = page.getByRole("navigation").first();
  await sidebar.getByRole("link", { name: "Members" }).click();
  await expect(page).toHaveURL("/members");
  await sidebar.getByRole("link", { name: "Instagram Accounts" }).click();
  await expect(page).toHaveURL("/accounts");
  await ann.seesDashboard();
});

test("s42 a member finds where to ask for help", async ({ ann, page }) => {
  expect(ann.identity.email).not.toBe(SUPPORT_EMAIL);
  await expect(page.getByRole("link", { name: SUPPORT_EMAIL }).or(page.locator(`a[href^="mailto:${SUPPORT_EMAIL}"]`)).first()).toBeVisible();
});

test("s07 s08 on a wide screen the sidebar stands left of the accounts, and sharing at their top right", async ({ ann, page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  const [sidebar, main, heading, share] = await Promise.all(
    [page.getByRole("navigation").first(), page.getByRole("main"), page.getByRole("heading", { level: 1 }), ann.shareButton].map((part) => part.boundingBox()),
  );
  expect(sidebar!.x + sidebar!.width).toBeLessThanOrEqual(main!.x);
  expect(share!.x).toBeGreaterThanOrEqual(heading!.x + heading!.width);
  // Within the page's margin.
  expect(main!.x + main!.width - (share!.x + share!.width)).toBeLessThanOrEqual(64);
  expect(share!.y - main!.y).toBeLessThanOrEqual(64);
});

test("u34 help is the last thing on the client's page, at signing in and on the dashboard", async ({ ann, page, newClient }) => {
  const [client, stranger] = [await newClient(), await newClient()];
  await client.opens(await ann.sharesLink());
  await stranger.page.goto("/sign-in");
  for (const one of [client.page, stranger.page, page]) {
    const help = one.locator("footer").last().getByRole("link", { name: SUPPORT_EMAIL });
    await expect(help, one.url()).toBeVisible();
    await expect(help, one.url()).toHaveAttribute("href", `mailto:${SUPPORT_EMAIL}`);
    const last = await one.getByRole("link").last().evaluate((link) => link.closest("footer") !== null);
    expect(last, `no link follows it on ${one.url()}`).toBe(true);
  }
});

test("signing out and in again ends on the dashboard", async ({ ann }) => {
  await ann.signsOut();
  await ann.signsIn();
  await ann.seesDashboard();
});

test("the email is taken in any case and with spaces around it", async ({ ann, page }) => {
  await ann.signsOut();
  await page.getByLabel("Email").fill(`  ${ann.identity.email.toUpperCase()} `);
  await page.getByLabel("Password").fill(ann.identity.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await ann.seesDashboard();
});

test("u18 u20 a wrong password is refused in words, and the email stays typed", async ({ ann, page, watch }) => {
  await ann.signsOut();
  watch.expects(/status of 4(01|22)/);
  await ann.signsIn("not the password");
  await expect(page.getByRole("alert")).toContainText("do not belong together");
  await expect(page.getByRole("alert")).toBeFocused();
  await expect(page.getByLabel("Email")).toHaveValue(ann.identity.email);
  await expect(page.getByLabel("Password")).toHaveValue("");
  await page.getByLabel("Password").fill(ann.identity.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await ann.seesDashboard();
});

test("an unknown address and a wrong password are answered with the same words", async ({ ann, page, watch }) => {
  await ann.signsOut();
  watch.expects(/status of 4(01|22)/);
  await ann.signsIn("not the password");
  const words = await page.getByRole("alert").innerText();
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(newMember().email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText(words, { useInnerText: true });
});

test("u18 u20 a second sign-up with the same address is refused, and what was typed is kept", async ({ ann, page, watch }) => {
  await ann.signsOut();
  watch.expects(/status of 422/);
  const again = { ...newMember(), email: ann.identity.email.toUpperCase() };
  await ann.fillsInSignUp(again);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("alert")).toBeFocused();
  const email = page.getByLabel("Email");
  await expect(email).toHaveAttribute("aria-invalid", "true");
  await expect(email).toHaveValue(again.email);
  await expect(page.getByLabel("Organization")).toHaveValue(again.organization);
  await expect(page.getByLabel("Password")).toHaveValue("");
  // U20: the reason is tied to the field.
  await expect(email).toHaveAccessibleDescription(/already has an account/);
});

test("u20 too short a password is refused, and what was typed is kept", async ({ page, watch }) => {
  watch.expects(/status of 422/);
  const identity = newMember();
  await page.goto("/sign-up");
  await page.getByLabel("Organization").fill(identity.organization);
  await page.getByLabel("Email").fill(identity.email);
  const password = page.getByLabel("Password");
  await password.fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  // The browser may refuse it before the server does; either way the person is still here, with all they typed.
  await expect(page).toHaveURL("/sign-up");
  await expect(page.getByLabel("Organization")).toHaveValue(identity.organization);
  await expect(page.getByLabel("Email")).toHaveValue(identity.email);
  await expect(password).toHaveAccessibleDescription(/10 characters/);
});

test("a58 a refused sign-up that is script stays text when it is shown again", async ({ page, watch, javaScriptEnabled }) => {
  watch.expects(/status of 422/);
  const hostile = `</script><script>alert(1)</script>"><img src=x onerror=alert(2)><svg onload=alert(3)></textarea>{{7*7}} javascript:alert(4)`;
  const fields = [page.getByLabel("Organization"), page.getByLabel("Email")];
  await page.goto("/sign-up");
  for (const field of fields) await field.fill(hostile);
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await hydrated(page, javaScriptEnabled ?? true);
  for (const field of fields) await expect(field).toHaveValue(hostile);
  await expect(page.locator("img, [onerror], [onload]")).toHaveCount(0);
});

test("u20 a password may be pasted", async ({ page, javaScriptEnabled }) => {
  const password = newMember().password;
  for (const path of ["/sign-up", "/sign-in"]) {
    await page.goto(path);
    await hydrated(page, javaScriptEnabled ?? true);
    // From wherever a password manager shows it.
    await page.getByLabel("Email").fill(password);
    await page.getByLabel("Email").selectText();
    await page.keyboard.press("ControlOrMeta+x");
    await expect(page.getByLabel("Email")).toHaveValue("");
    await page.getByLabel("Password").focus();
    await page.keyboard.press("ControlOrMeta+v");
    await expect(page.getByLabel("Password"), path).toHaveValue(password);
  }
});

test("u20 fields carry what password managers look for", async ({ page }) => {
  await page.goto("/sign-up");
  await expect(page.getByLabel("Organization")).toHaveAttribute("autocomplete", "organization");
  await expect(page.getByLabel("Email")).toHaveAttribute("autocomplete", /^(email|username)$/);
  await expect(page.getByLabel("Password")).toHaveAttribute("autocomplete", "new-password");
  await page.goto("/sign-in");
  await expect(page.getByLabel("Email")).toHaveAttribute("autocomplete", /^(email|username)$/);
  await expect(page.getByLabel("Password")).toHaveAttribute("autocomplete", "current-password");
});

test("a43 after signing out, Back shows nothing of the dashboard and the old session is dead", async ({ ann, page, context }) => {
  await ann.sharesLink("Only for members");
  const stolen = await context.cookies();
  await ann.signsOut();
  await page.goBack();
  await expect(page).toHaveURL("/sign-in");
  await expect(page.getByText(ann.identity.organization)).toHaveCount(0);
  await context.addCookies(stolen);
  await page.goto("/accounts");
  await expect(page).toHaveURL("/sign-in");
});

test("member pages send a visitor without a session to sign in", async ({ page }) => {
  for (const path of ["/", "/accounts", "/accounts/connect-links"]) {
    await page.goto(path);
    await expect(page, path).toHaveURL("/sign-in");
  }
});

test("an address that leads nowhere says so with 404 and a way on", async ({ page }) => {
  const response = await page.goto("/nothing/here");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("main").getByRole("link").first()).toBeVisible();
});

test("an operator's one-time link sets a new password, once", async ({ ann, page, server, watch }) => {
  await ann.signsOut();
  const printed = (await server.operator("user", "reset-password", ann.identity.email)).trim();
  const link = /https?:\/\/\S+/.exec(printed)?.[0] ?? "";
  expect(new URL(link).pathname).toMatch(/^\/reset-password\/[A-Za-z0-9_-]{22,}$/);
  watch.keepsSecret("a one-time link", new URL(link).pathname.split("/").pop()!);
  watch.expects(/status of 4\d\d/);

  const renewed = "four other small words";
  await page.goto(link);
  await page.getByLabel("New password").fill(renewed);
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page).not.toHaveURL(link);

  await page.context().clearCookies();
  await ann.signsIn();
  await expect(page.getByRole("alert")).toBeVisible();
  await ann.signsIn(renewed);
  await ann.seesDashboard();

  // Used up.
  await page.context().clearCookies();
  const response = await page.goto(link);
  expect(response?.status()).toBeGreaterThanOrEqual(400);
});
