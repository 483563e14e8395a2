import { hydrated, Member } from "../fixtures/actions";
import { markOf, newMember, people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

test("a44 a53 somebody is invited, joins by the mail, gets another role, is removed, and is refused at once", async ({ ann, page, server, anotherBrowser, newClient, watch }) => {
  test.setTimeout(90_000);
  // A page of somebody who was removed is told so.
  watch.expects(/status of 401/);
  const { organization } = ann.identity;
  await ann.opensMembers();
  const own = ann.member(ann.identity.email);
  await expect(own).toContainText("Owner");
  await expect(own).toContainText("You");
  // U24: since when, with the year.
  await expect(own).toContainText(/Member since\s+\d{1,2} [A-Z][a-z]{2} 20\d\d\b/);
  // The last owner cannot leave, and is told so instead of offered it.
  await expect(own.getByRole("button")).toHaveCount(0);
  await expect(own).toContainText("The only owner");

  const identity = { ...newMember(undefined, "bob"), organization };
  watch.keepsSecret("a password", identity.password);
  await ann.invites(identity.email, "Viewer");
  await expect(page.getByRole("status").filter({ hasText: /on its way/ })).toBeVisible();
  await expect(ann.invitation(identity.email)).toContainText(/Good until\s+\d{1,2} [A-Z][a-z]{2} 20\d\d\b/);
  await expect(ann.invitation(identity.email)).toContainText(ann.identity.email);
  await expect(ann.member(identity.email)).toHaveCount(0);
  const link = await ann.invitationLink(identity.email);
  // Nobody but the invited person gets the link.
  expect(await page.content()).not.toContain(new URL(link).pathname);
  const [mail] = await server.mailsTo(identity.email);
  expect(mail!.subject).toContain(organization);
  expect(mail!.html).toContain(`href="${link}"`);

  // Reading it changes nothing: scanners do.
  const bob = new Member(await anotherBrowser(), server, identity, ann.scripts);
  for (let look = 0; look < 2; look += 1) {
    const response = await bob.page.goto(link);
    expect(response?.status()).toBe(200);
    await expect(bob.page.getByRole("heading", { level: 1 })).toContainText(organization);
    await expect(bob.page.getByRole("main")).toContainText(ann.identity.email);
    await expect(bob.page.getByRole("main")).toContainText("Viewer");
    await expect(bob.page.getByLabel("Email")).toHaveValue(identity.email);
    await expect(bob.page.getByLabel("Email")).not.toBeEditable();
  }
  await bob.joins(link);
  await expect(bob.sidebar).toContainText(organization);
  await expect(bob.sidebar).toContainText(identity.email);
  await expect(bob.shareButton).toHaveCount(0);

  // Used up, for anybody.
  const stranger = await newClient();
  watch.expects(/status of 410/);
  expect((await stranger.page.goto(link))?.status()).toBe(410);
  await expect(stranger.heading).toHaveText("This invitation no longer works");
  expect(await stranger.page.content()).not.toContain(markOf(organization));

  await ann.opensMembers();
  await ann.eventually(() => expect(ann.member(identity.email)).toHaveCount(1, { timeout: 1_000 }));
  await expect(ann.invitation(identity.email)).toHaveCount(0);
  await expect(ann.member(identity.email).locator(".member-role")).toHaveText("Viewer");
  await ann.changesRole(identity.email, "Member");
  await expect(page.getByRole("status").filter({ hasText: /role/ })).toBeVisible();

  // What the new role allows is there, on a page that is open already, too.
  await bob.eventually(() => expect(bob.shareButton).toBeVisible({ timeout: 1_000 }));
  const shared = await bob.sharesLink("Bob's bakery");

  await ann.asksToRemove(identity.email);
  // U36: what it is about, and what it does.
  await expect(ann.question).toContainText(organization);
  await expect(ann.question).toContainText("Links they made go on working");
  await ann.question.getByRole("button", { name: "Remove" }).click();
  await expect(ann.question).toBeHidden();
  await expect(ann.member(identity.email)).toHaveCount(0);
  await expect(page.getByRole("status").filter({ hasText: /no longer a member/ })).toBeVisible();

  // At once, wherever they were.
  const answer = await bob.page.request.get("/accounts", { maxRedirects: 0 });
  expect(answer.status()).toBe(303);
  expect(answer.headers()["location"]).toBe("/sign-in");
  await bob.page.goto("/accounts");
  await expect(bob.page).toHaveURL("/sign-in");
  await expect(bob.page.getByText(organization)).toHaveCount(0);
  const old = await bob.page.goto(link);
  expect(old?.status(), "the invitation of somebody who was removed").toBe(410);

  // What they shared goes on, and clients are told to ask somebody who is still there.
  await stranger.opens(shared);
  await expect(stranger.banner).toContainText(ann.identity.email);
  expect(await stranger.page.content()).not.toContain(identity.email);
});

test("u18 u20 an address that cannot be one is refused in words, and what was typed and chosen is kept", async ({ ann, page, watch }) => {
  watch.expects(/status of 422/);
  await ann.opensMembers();
  await ann.confirmsAddress();
  for (const [typed, words] of [
    ["nobody", /email address like/],
    [ann.identity.email.toUpperCase(), /member already/],
  ] as const) {
    await ann.inviteField.fill(typed);
    await ann.inviteRole.selectOption({ label: "Viewer" });
    await ann.inviteButton.click();
    await expect(ann.inviteField).toHaveAttribute("aria-invalid", "true");
    await expect(ann.inviteField).toHaveAccessibleDescription(words);
    await expect(ann.inviteField).toHaveValue(typed);
    await expect(ann.inviteRole).toHaveValue("viewer");
    if (ann.scripts) await expect(ann.inviteField).toBeFocused();
    expect(page.url(), "the address says nothing of it").not.toContain("__err");
    await hydrated(page, ann.scripts);
  }
  await expect(page.getByRole("region", { name: "Open invitations" }).getByRole("listitem")).toHaveCount(0);
});

test("a53 an invitation that is revoked or sent again is dead under its old link at once", async ({ ann, newClient, watch }) => {
  watch.expects(/status of 410/);
  const { email } = newMember(undefined, "bob");
  await ann.opensMembers();
  await ann.invites(email);
  const first = await ann.invitationLink(email);
  await ann.invitation(email).getByRole("button", { name: "Send again" }).click();
  const status = ann.page.getByRole("status");
  await expect(status.filter({ hasText: /on its way again/ })).toBeVisible();
  await hydrated(ann.page, ann.scripts);
  const second = await ann.invitationLink(email, 2);
  expect(second).not.toBe(first);
  const { page, heading } = await newClient();
  expect((await page.goto(first))?.status()).toBe(410);
  expect((await page.goto(second))?.status()).toBe(200);

  await ann.invitation(email).getByRole("button", { name: "Revoke" }).click();
  await expect(ann.invitation(email)).toHaveCount(0);
  await expect(status.filter({ hasText: /revoked/ })).toBeVisible();
  await hydrated(ann.page, ann.scripts);
  // Its page was open: the button does nothing more.
  watch.expects(/status of 4\d\d/);
  await page.getByLabel("Password").fill("three small words");
  await page.getByRole("button", { name: "Create account and join" }).click();
  await expect(heading).toHaveText("This invitation no longer works");
  expect((await page.goto(second))?.status()).toBe(410);
});

test("a42 somebody in two organizations goes from one to the other, and sees only what is its own", async ({ ann, newMemberNamed, somebody, anotherBrowser, watch }) => {
  test.setTimeout(90_000);
  watch.expects(/status of 4\d\d/);
  const carol = await newMemberNamed("Northwind", "carol");
  await somebody.connects(await carol.sharesLink(), people.cafeLumen);
  await somebody.connects(await ann.sharesLink(), people.studioNora);

  await ann.opensDashboard();
  await ann.opensMembers();
  await ann.invites(carol.identity.email, "Admin");
  const link = await ann.invitationLink(carol.identity.email);

  // Somebody else is signed in: whose it is, whose it is not, and the way out.
  await ann.page.goto(link);
  await expect(ann.main).toContainText(carol.identity.email);
  await expect(ann.main).toContainText(ann.identity.email);
  await expect(ann.main.getByRole("button")).toHaveText(["Sign out"]);

  // Nobody is: the password of the account there is, and no other.
  const elsewhere = await anotherBrowser();
  await elsewhere.goto(link);
  await elsewhere.getByLabel("Password").fill("not the password");
  await elsewhere.getByRole("button", { name: "Sign in and join" }).click();
  await expect(elsewhere.getByRole("alert")).toBeVisible();
  await expect(elsewhere.getByLabel("Password")).toHaveValue("");
  await expect(elsewhere).toHaveURL(link);

  // They are: one button.
  await carol.page.goto(link);
  await carol.main.getByRole("button", { name: `Join ${ann.identity.organization}` }).click();
  await carol.seesDashboard();
  await expect(carol.sidebar).toContainText(ann.identity.organization);
  await carol.seesConnected(people.studioNora);
  await expect(carol.account(people.cafeLumen)).toHaveCount(0);

  // A42: the session goes over under another name.
  const before = await carol.page.context().cookies();
  await carol.switchesTo(carol.identity.organization);
  await carol.seesConnected(people.cafeLumen);
  await expect(carol.account(people.studioNora)).toHaveCount(0);
  const replayed = await anotherBrowser();
  await replayed.context().addCookies(before);
  await replayed.goto("/accounts");
  await expect(replayed).toHaveURL("/sign-in");

  await carol.switchesTo(ann.identity.organization);
  await carol.seesConnected(people.studioNora);
  await carol.opensMembers();
  await expect(carol.member(carol.identity.email).locator(".member-role")).toHaveText("Admin");
  // An admin does not touch an owner.
  await expect(carol.member(ann.identity.email).getByRole("button")).toHaveCount(0);
});

test("a15 a52 a viewer sees accounts, labels and states, no URL, and no button that would be refused", async ({ ann, anotherBrowser, somebody, watch }) => {
  test.setTimeout(90_000);
  watch.expects(/status of 403/);
  const link = await ann.sharesLink("Studio Nora, autumn");
  await somebody.connects(link, people.studioNora);
  const request = await ann.sendsRequest(people.bakeryHuber);
  const bob = await ann.bringsIn(await anotherBrowser(), "Viewer");
  watch.keepsSecret("a password", bob.identity.password);
  const secrets = [link, request].map((url) => new URL(url).pathname);
  const seesNoUrl = async (): Promise<void> => {
    const content = await bob.page.content();
    for (const secret of secrets) expect(content, bob.page.url()).not.toContain(secret);
  };

  await bob.opensDashboard();
  await bob.seesConnected(people.studioNora);
  await expect(bob.account(people.studioNora)).toContainText("Studio Nora, autumn");
  await expect(bob.account(people.bakeryHuber)).toContainText("Pending");
  await expect(bob.main.getByRole("button")).toHaveText(["See connect-links"]);
  await expect(bob.sidebar.getByRole("link", { name: "Activity" })).toHaveCount(0);
  await expect(bob.sidebar.getByRole("link", { name: "Settings" })).toHaveCount(0);
  await seesNoUrl();

  await bob.opensAccount(people.studioNora);
  await expect(bob.main.getByRole("button", { name: "Disconnect" })).toHaveCount(0);
  await seesNoUrl();

  await bob.opensDashboard();
  await bob.main.getByRole("button", { name: "See connect-links" }).click();
  await expect(bob.link("Studio Nora, autumn")).toContainText("Live");
  await expect(bob.dialog.getByRole("button")).toHaveCount(0);
  await expect(bob.dialog.getByText("Show URL")).toHaveCount(0);
  await seesNoUrl();

  await bob.page.goto("/accounts/new/request");
  await expect(bob.dialog).toContainText("Your role shows you accounts");
  await expect(bob.usernameField).toHaveCount(0);

  await bob.opensDashboard();
  await bob.opensMembers();
  await expect(bob.member(bob.identity.email).getByRole("button", { name: "Leave" })).toBeVisible();
  await expect(bob.inviteField).toHaveCount(0);
  await expect(bob.main.getByRole("button", { name: /Remove|Change role|Transfer|Send|Revoke/ })).toHaveCount(0);

  for (const [door, form] of [
    ["generate_link", { description: "" }],
    ["request_access", { username: "cafe_lumen" }],
    ["invite_member", { email: "eve@agency.example", role: "owner" }],
  ] as const) {
    const organization_id = await bob.organizationId();
    const answer = await bob.page.request.post(`/api/${door}`, { form: { ...form, organization_id }, headers: { accept: "application/json" } });
    expect(answer.status(), door).toBe(403);
  }
});

test("a15 s34 a member makes a connect-link and a request, clients connect through both, and a viewer may do neither", async ({ ann, anotherBrowser, newClient, somebody, watch }) => {
  test.setTimeout(90_000);
  const bob = await ann.bringsIn(await anotherBrowser(), "Member");
  watch.keepsSecret("a password", bob.identity.password);
  await bob.opensDashboard();
  const link = await bob.generatesLink("Studio Nora, autumn");
  const client = await newClient();
  await client.opens(link);
  await expect(client.banner).toContainText(bob.identity.email);
  await client.connects(link, people.studioNora);
  await bob.opensDashboard();
  await bob.seesConnected(people.studioNora);

  const request = await bob.requestsAccess(people.bakeryHuber.username);
  await bob.opensDashboard();
  await expect(bob.account(people.bakeryHuber)).toContainText("Pending");
  await somebody.connects(request, people.bakeryHuber);
  await bob.opensDashboard();
  await bob.seesConnected(people.bakeryHuber);

  // From the next request on, and in words that say why.
  await ann.opensMembers();
  await ann.changesRole(bob.identity.email, "Viewer");
  await bob.opensDashboard();
  await expect(bob.shareButton).toHaveCount(0);
  await expect(bob.newConnectionButton).toHaveCount(0);
  for (const address of ["/accounts/new/request", "/accounts/new"]) {
    await bob.page.goto(address);
    await expect(bob.dialog).toContainText("Your role shows you accounts");
  }
});

test("a50 u36 the organization is handed over by whoever gives their password again, and who did so may leave then", async ({ ann, anotherBrowser, watch }) => {
  test.setTimeout(90_000);
  watch.expects(/status of 4(01|22)/);
  const bob = await ann.bringsIn(await anotherBrowser());
  watch.keepsSecret("a password", bob.identity.password);
  await ann.asksToTransferTo(bob.identity.email);
  await expect(ann.question).toContainText(ann.identity.organization);
  await ann.question.getByRole("button", { name: "Cancel" }).click();
  await expect(ann.question).toBeHidden();
  await expect(ann.member(bob.identity.email).locator(".member-role")).toHaveText("Member");

  await ann.asksToTransferTo(bob.identity.email);
  // A50: nobody hands it over with a session alone.
  const password = ann.question.getByLabel("Your password");
  await password.fill("not the password");
  await ann.question.getByRole("button", { name: "Transfer ownership" }).click();
  await expect(password).toHaveAccessibleDescription(/This is not your password/);
  await hydrated(ann.page, ann.scripts);
  await password.fill(ann.identity.password);
  await ann.question.getByRole("button", { name: "Transfer ownership" }).click();
  await expect(ann.question).toBeHidden();
  await expect(ann.member(bob.identity.email).locator(".member-role")).toHaveText("Owner");
  await expect(ann.member(ann.identity.email).locator(".member-role")).toHaveText("Admin");
  await expect(ann.page.getByRole("status").filter({ hasText: /owner now/ })).toBeVisible();
  await expect(ann.member(bob.identity.email).getByRole("button")).toHaveCount(0);
  await hydrated(ann.page, ann.scripts);

  await ann.asksToLeave();
  await ann.question.getByRole("button", { name: "Leave" }).click();
  await expect(ann.page).toHaveURL("/sign-in");
  await ann.page.goto("/members");
  await expect(ann.page).toHaveURL("/sign-in");
  await bob.opensMembers();
  await bob.eventually(() => expect(bob.member(ann.identity.email)).toHaveCount(0, { timeout: 1_000 }));
  await expect(bob.member(bob.identity.email)).toContainText("The only owner");
});

test("a50 an owner is made with the password alone, which the row asks for once that is what is wanted", async ({ ann, anotherBrowser, watch }) => {
  test.setTimeout(90_000);
  watch.expects(/status of 422/);
  const bob = await ann.bringsIn(await anotherBrowser());
  const row = ann.member(bob.identity.email);
  const password = row.getByLabel("Your password");
  await expect(password).toHaveCount(0);
  await row.getByRole("combobox", { name: "Role of" }).selectOption({ label: "Owner" });
  await row.getByRole("button", { name: "Change role" }).click();
  await expect(password).toHaveAccessibleDescription(/Enter your own password/);
  if (ann.scripts) await expect(password).toBeFocused();
  await expect(row.getByRole("combobox", { name: "Role of" })).toHaveValue("owner");
  await hydrated(ann.page, ann.scripts);
  await password.fill(ann.identity.password);
  await row.getByRole("button", { name: "Change role" }).click();
  await expect(row.locator(".member-role")).toHaveText("Owner");
  await expect(password).toHaveCount(0);
});

test("a51 a window that was left on one organization does nothing to another", async ({ ann, newMemberNamed, watch }) => {
  test.setTimeout(90_000);
  watch.expects(/status of 409/);
  const carol = await newMemberNamed("Northwind", "carol");
  await ann.opensMembers();
  await ann.invites(carol.identity.email, "Admin");
  await carol.page.goto(await ann.invitationLink(carol.identity.email));
  await carol.main.getByRole("button", { name: `Join ${ann.identity.organization}` }).click();
  await carol.seesDashboard();
  await carol.opensMembers();
  const window = await carol.organizationId();

  // In another window of the same browser she goes home; here everything looks as before.
  const home = await carol.page.context().newPage();
  await home.goto("/accounts");
  await home.getByRole("banner").getByText("Switch organization").click();
  await home.getByRole("banner").getByRole("button", { name: carol.identity.organization }).click();
  await expect(home.getByRole("banner").locator("summary")).toContainText(carol.identity.organization);
  const answer = await carol.page.request.post("/api/invite_member", {
    form: { email: "eve@agency.example", role: "viewer", organization_id: window },
    headers: { accept: "text/html", origin: carol.server.baseUrl },
    maxRedirects: 0,
  });
  expect(answer.status()).toBe(409);
  expect(await answer.text()).toContain(`You switched to ${carol.identity.organization} in another window`);
  await home.goto("/members");
  await expect(home.getByRole("region", { name: "Open invitations" }).getByRole("listitem")).toHaveCount(0);
});

test("pages about members send a visitor without a session to sign in", async ({ page }) => {
  for (const path of ["/members", "/members/leave", `/members/${"0".repeat(32)}/remove`, `/members/${"0".repeat(32)}/transfer`]) {
    await page.goto(path);
    await expect(page, path).toHaveURL("/sign-in");
  }
});

test("u20 the password of an invited person is held to the rules, and managers of passwords know what to do", async ({ ann, newClient, watch }) => {
  watch.expects(/status of 422/);
  const { email } = newMember(undefined, "bob");
  await ann.opensMembers();
  await ann.invites(email);
  const { page } = await newClient();
  await page.goto(await ann.invitationLink(email));
  const password = page.getByLabel("Password");
  await expect(page.getByLabel("Email")).toHaveAttribute("autocomplete", "username");
  await expect(password).toHaveAttribute("autocomplete", "new-password");
  await password.fill("short");
  await page.getByRole("button", { name: "Create account and join" }).click();
  await expect(page.getByRole("alert")).toBeFocused();
  await expect(password).toHaveAccessibleDescription(/Use at least 10 characters/);
  await expect(password).toHaveValue("");
  await expect(page.getByLabel("Email")).toHaveValue(email);
});

test("a58 an organization whose name is script stays text where people are invited into it", async ({ newMemberNamed, newClient, watch }) => {
  const hostile = await newMemberNamed(`</title></textarea><script>alert(1)</script><img src=x onerror=alert(2)>"'{{7*7}}`.slice(0, 70));
  const { email } = newMember(undefined, "bob");
  await hostile.opensMembers();
  await hostile.invites(email);
  const { page, heading } = await newClient();
  const link = await hostile.invitationLink(email);
  watch.keepsSecret("an invitation's token", new URL(link).pathname.split("/").pop()!);
  await page.goto(link);
  await expect(heading).toContainText(hostile.identity.organization);
  await expect(page.locator("img, [onerror], [onload]")).toHaveCount(0);
});
