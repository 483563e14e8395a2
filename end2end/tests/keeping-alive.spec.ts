import { people } from "../fixtures/people";
import { deaths, type Death } from "../fixtures/sandbox";
import { SUPPORT_EMAIL } from "../fixtures/server";
import { expect, test } from "../fixtures/test";

/** The account that lives and dies in these tests. */
const nora = people.studioNora;
const handle = `@${nora.username}`;

const NEEDS_RECONNECTION = "Needs reconnection";
const BY_THE_CLIENT = "Disconnected by the client";

test("t17 t18 t19 t22 a request: nothing before it is fulfilled, then the account is active, its posts come by themselves, and only then one mail", async ({ ann, somebody, server }) => {
  await server.sandbox.hasPosts(nora, 7);
  const link = await ann.sendsRequest(nora);
  await ann.opensAccount(nora);
  const address = ann.page.url();
  await expect(ann.accountState).toHaveText("Pending");
  await expect(ann.collection).toContainText("Nothing is collected until the account is connected.");
  await expect(ann.posts).toHaveCount(0);

  // T19: the first collection takes its time.
  await server.sandbox.misbehaves({ on: "media", kind: "slow", ms: 5_000, username: nora.username });
  await somebody.connects(link, nora);
  await ann.eventually(() => expect(ann.accountState).toHaveText("Active", { timeout: 1_000 }));
  await expect(ann.collection).toContainText("first run under way");
  await ann.getsMails();

  await ann.seesCollected(7);
  await expect(ann.posts).toHaveCount(7);
  await ann.seesPictures();
  const [mail] = await ann.getsMails(ann.collectingMail(nora));
  const text = mail!.text.replace(/\s+/g, " ");
  for (const words of [handle, ann.identity.organization, "7 posts", address, SUPPORT_EMAIL]) expect(text).toContain(words);
  for (const words of [handle, ann.identity.organization.replace("&", "&amp;"), "7 posts", `href="${address}"`]) {
    expect(mail!.html).toContain(words);
  }
  // U27: the one link leads to the account; nothing is fetched, and no request's URL is in it.
  for (const part of [mail!.text, mail!.html]) expect(part).not.toContain("/connect/");
  expect(mail!.html).not.toMatch(/<(img|script|link|iframe|object)\b/i);
  expect(mail!.headers.get("message-id")).toMatch(/^<[^@\s]+@[^@\s]+>$/);
  await ann.page.goto(address);
  await ann.seesAccountPage(nora);
});

test("t18 who logs in themselves is told by the page, and who shared a connect-link by mail", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(nora, 7);
  await ann.opensAddAccount();
  await ann.dialog.getByRole("button", { name: "Log in to an Account" }).click();
  const client = ann.asClient();
  await client.isAtInstagram();
  await client.signsInAtInstagram(nora);
  await client.allows();
  await client.readsConnected(nora);
  await page.getByRole("link", { name: "Go to your accounts" }).click();
  await ann.seesDashboard();
  await ann.opensAccount(nora);
  await ann.seesCollected(7);
  // Collected later, and so would its mail be the later one.
  await ann.opensDashboard();
  await somebody.connects(await ann.sharesLink(), people.cafeLumen);
  await ann.getsMails(ann.collectingMail(people.cafeLumen));
});

test("u25 f19 t25 each death says its reason in the row and on the page, and by one mail", async ({ ann, somebody, server }) => {
  test.setTimeout(90_000);
  const link = await ann.sharesLink();
  const reasons: [Death, string, string][] = [
    [deaths.expired, NEEDS_RECONNECTION, "permission ran out before it could be renewed"],
    [deaths.passwordChanged, NEEDS_RECONNECTION, "The client changed the password at Instagram."],
    [deaths.accountBlocked, NEEDS_RECONNECTION, "Instagram has locked the account. The client has to sign in there first"],
    [deaths.permissionMissing, NEEDS_RECONNECTION, "The client took back a permission without which the posts cannot be seen."],
    [deaths.unsaid, NEEDS_RECONNECTION, "Instagram no longer lets us in, and does not say why."],
    [deaths.appRemoved, BY_THE_CLIENT, "The client removed the connection at Instagram."],
  ];
  const subjects: string[] = [];
  for (const [why, state, words] of reasons) {
    await test.step(words, async () => {
      await server.sandbox.heal();
      await somebody.connectsForAMoment(link, nora, why);
      await ann.opensDashboard();
      await ann.eventually(() => expect(ann.account(nora)).toContainText(words, { timeout: 1_000 }));
      await ann.seesDead(nora, state);
      await expect(ann.account(nora)).toContainText("Nothing is collected until it is connected again.");
      await ann.opensAccount(nora);
      await expect(ann.accountState).toHaveText(state);
      await expect(ann.main).toContainText(words);
      // F19: one, however many calls were refused.
      subjects.push(ann.deathMail(nora));
      await ann.getsMails(...subjects);
    });
  }
  // Each says why in its own words.
  const mails = await ann.getsMails(...subjects);
  expect(new Set(mails.map(({ text }) => text.replace(/\s+/g, " "))).size).toBe(reasons.length);
});

test("t25 t26 t27 u25 a dead account keeps its posts, its client is asked and connects it again, and it collects on", async ({ ann, newClient, somebody, server }) => {
  // Dead in the middle of the first collection, after a hundred posts.
  await server.sandbox.fillsPages(nora, 1);
  await somebody.connectsForAMoment(await ann.sharesLink("Nora, autumn"), nora, deaths.passwordChanged, 1);
  await ann.opensDashboard();
  await ann.seesDead(nora);
  for (const name of ["Log in again", "Ask the client to reconnect", "Disconnect"]) {
    await expect(ann.account(nora).getByRole("button", { name }), name).toBeVisible();
  }
  // T26: the exclamation, and words beside it.
  await expect(ann.account(nora).getByRole("button", { name: "Log in again" }).locator("svg")).toBeVisible();
  const [mail] = await ann.getsMails(ann.deathMail(nora));
  expect(mail!.text.replace(/\s+/g, " ")).toContain("Nothing is collected from it until it is reconnected.");

  await ann.opensAccount(nora);
  expect(mail!.text).toContain(ann.page.url());
  await expect(ann.accountState).toHaveText(NEEDS_RECONNECTION);
  await expect(ann.fact("Access ends")).toHaveCount(0);
  await expect(ann.fact("Through")).toHaveText("“Nora, autumn”");
  // T27: what was collected stays, and nothing is added.
  await expect(ann.collectionState).toContainText("100 posts");
  await expect(ann.collectionState).toContainText("Nothing more is collected until the account is connected again.");
  await expect(ann.posts).toHaveCount(48);

  const url = await ann.asksClientToReconnect(ann.main);
  await expect(ann.main.getByRole("button", { name: "Regenerate request link" })).toBeVisible();
  await server.sandbox.heal();
  const client = await newClient();
  await client.opens(url);
  await expect(client.banner).toContainText(handle);
  await expect(client.banner).toContainText(ann.identity.organization);
  await client.fulfils(url, nora);

  await ann.opensDashboard();
  await ann.seesConnected(nora);
  for (const name of ["Log in again", "Ask the client to reconnect", "Regenerate request link"]) {
    await expect(ann.account(nora).getByRole("button", { name }), name).toHaveCount(0);
  }
  await ann.opensAccount(nora);
  await ann.seesCollected(120);
  await ann.getsMails(ann.deathMail(nora), ann.collectingMail(nora));
  // The link was for this one connection.
  const late = await newClient();
  expect(await late.opensDead(url)).toBe(410);
  await expect(late.heading).toHaveText("This request is done already");
});

test("t26 t24 asked once more, the client's first URL is dead and the second one works", async ({ ann, newClient, somebody, server }) => {
  await somebody.connectsForAMoment(await ann.sharesLink(), nora, deaths.expired);
  await ann.opensDashboard();
  await ann.seesDead(nora);
  const first = await ann.asksClientToReconnect(ann.account(nora));
  const second = await ann.regeneratesRequest(nora);
  expect(second).not.toBe(first);
  await server.sandbox.heal();
  const client = await newClient();
  expect(await client.opensDead(first)).toBe(410);
  await client.fulfils(second, nora);
  await ann.opensDashboard();
  await ann.seesConnected(nora);
});

test("t26 a member who has the password logs in again from the account's page", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(nora, 7);
  await somebody.connectsForAMoment(await ann.sharesLink(), nora, deaths.passwordChanged);
  await ann.opensDashboard();
  await ann.seesDead(nora);
  await ann.opensAccount(nora);
  await server.sandbox.heal();
  await ann.main.getByRole("button", { name: "Log in again" }).click();
  const client = ann.asClient();
  await client.isAtInstagram();
  await client.signsInAtInstagram(nora);
  await client.allows();
  await client.readsConnected(nora);
  await page.getByRole("link", { name: "Go to your accounts" }).click();
  await ann.seesDashboard();
  await ann.seesConnected(nora);
  await ann.opensAccount(nora);
  await ann.seesCollected(7);
});

for (const way of ["logs in again", "asks the client"] as const) {
  test(`a23 u07 a member ${way}, and it is another account: nothing is stored, and both are named`, async ({ ann, newClient, somebody, server }) => {
    await somebody.connectsForAMoment(await ann.sharesLink(), nora, deaths.passwordChanged);
    await ann.opensDashboard();
    await ann.seesDead(nora);
    if (way === "logs in again") {
      await server.sandbox.heal();
      await ann.account(nora).getByRole("button", { name: "Log in again" }).click();
      const client = ann.asClient();
      await client.isAtInstagram();
      await client.signsInAtInstagram(people.cafeLumen);
      await client.allows();
      await client.readsNotConnected();
    } else {
      const url = await ann.asksClientToReconnect(ann.account(nora));
      await server.sandbox.heal();
      const client = await newClient();
      await client.opens(url);
      const other = await client.goesThroughInNewWindow(people.cafeLumen);
      await other.readsNotConnected();
    }
    await ann.opensDashboard();
    await expect(ann.accountInSidebar(people.cafeLumen)).toHaveCount(0);
    await expect(ann.accountInSidebar(nora)).toContainText(NEEDS_RECONNECTION);
    const mistake = `Wrong account: @${people.cafeLumen.username} tried. The client was asked for ${handle}.`;
    await expect(ann.account(nora)).toContainText(mistake);
    await ann.opensAccount(nora);
    await expect(ann.main).toContainText(mistake);
  });
}

test("t27 u25 who removes the app at Instagram is “Disconnected by the client” at once, told about once, and keeps the posts", async ({ ann, newClient, somebody, server }) => {
  await server.sandbox.hasPosts(nora, 7);
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.opensDashboard();
  await ann.opensAccount(nora);
  await ann.seesCollected(7);
  await ann.seesPictures();
  await ann.getsMails(ann.collectingMail(nora));

  const client = await newClient();
  await client.removesApp(nora);
  await ann.opensDashboard();
  await ann.seesDead(nora, BY_THE_CLIENT);
  await expect(ann.account(nora)).toContainText("The client removed the connection at Instagram.");
  for (const name of ["Log in again", "Ask the client to reconnect"]) {
    await expect(ann.account(nora).getByRole("button", { name }), name).toBeVisible();
  }
  await ann.opensAccount(nora);
  await expect(ann.accountState).toHaveText(BY_THE_CLIENT);
  await expect(ann.collectionState).toContainText("Nothing more is collected");
  await expect(ann.posts).toHaveCount(7);
  await ann.seesPictures();
  await ann.getsMails(ann.collectingMail(nora), ann.deathMail(nora));

  // A36: told twice, it is no news.
  await client.removesApp(nora);
  const url = await ann.asksClientToReconnect(ann.main);
  await somebody.connects(url, nora);
  await ann.opensDashboard();
  await ann.seesConnected(nora);
  await ann.getsMails(ann.collectingMail(nora), ann.deathMail(nora), ann.collectingMail(nora));
});

test("a36 what Instagram did not sign changes nothing", async ({ ann, newClient, somebody }) => {
  await somebody.connects(await ann.sharesLink(), people.cafeLumen);
  await ann.getsMails(ann.collectingMail(people.cafeLumen));
  const client = await newClient();
  for (const signature of ["a broken signature", "the signature of another app"]) {
    for (const what of ["Remove the app", "Ask for deletion"]) {
      expect(await client.doesAtInstagram(people.cafeLumen, what, signature), `${what}, ${signature}`).toBe("400");
    }
  }
  await ann.opensDashboard();
  await ann.seesConnected(people.cafeLumen);
});

test("a78 s39 who asks Instagram for deletion: account, posts and pictures are gone, and a page says so to them alone", async ({ ann, newClient, somebody, newMemberNamed, server, watch }) => {
  // An open page of the account looks again, and finds nothing.
  watch.expects(/status of 404/);
  await server.sandbox.hasPosts(nora, 7);
  const bob = await newMemberNamed("Northwind");
  for (const member of [ann, bob]) {
    await somebody.connects(await member.sharesLink(), nora);
    await member.opensDashboard();
    await member.opensAccount(nora);
    await member.seesCollected(7);
    await member.seesPictures();
  }
  const page = ann.page.url();
  const picture = (await ann.pictures.first().getAttribute("src"))!;
  expect((await ann.page.request.get(picture)).status()).toBe(200);

  const client = await newClient();
  const address = await client.asksForDeletion(nora);
  expect(address).toMatch(new RegExp(`^${server.baseUrl}/deletion/[0-9a-f]{32}$`));
  await client.page.getByRole("link", { name: address }).click();
  await expect(client.page).toHaveURL(address);
  await expect(client.heading).toHaveText("Your data is deleted");
  const words = client.page.getByRole("main");
  for (const part of ["The connection to your Instagram account", "posts that were collected from it", "Asked for", "Done"]) {
    await expect(words).toContainText(part);
  }
  // The address may be passed on: it names nobody.
  for (const secret of [nora.username, ann.identity.organization, bob.identity.organization, ann.identity.email]) {
    expect(await client.page.content()).not.toContain(secret);
  }
  expect((await client.page.request.get(address)).headers()["x-robots-tag"]).toContain("noindex");

  for (const member of [ann, bob]) {
    await member.seesNoAccount();
    await expect(member.accountInSidebar(nora)).toHaveCount(0);
  }
  expect((await ann.page.goto(page))?.status()).toBe(404);
  expect((await ann.page.request.get(picture)).status()).toBe(404);
});

test("a36 a page about a deletion that nobody asked for says so", async ({ newClient }) => {
  const client = await newClient();
  const response = await client.page.goto(`/deletion/${"0".repeat(32)}`);
  expect(response?.status()).toBe(404);
  await expect(client.heading).toHaveText("There is no such request");
});

test("a78 a client who was asked to reconnect and has everything deleted instead: the link connects nothing any more", async ({ ann, newClient, somebody, server }) => {
  await somebody.connectsForAMoment(await ann.sharesLink(), nora, deaths.passwordChanged);
  await ann.opensDashboard();
  await ann.seesDead(nora);
  const url = await ann.asksClientToReconnect(ann.account(nora));
  await server.sandbox.heal();
  const client = await newClient();
  await client.asksForDeletion(nora);
  expect(await client.opensDead(url)).toBe(410);
  await expect(client.heading).toHaveText("This link is not active right now");
  await ann.seesNoAccount();
});

test("a78 disconnecting from the account's page names what ends, and takes posts and pictures along", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(nora, 7);
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.opensDashboard();
  await ann.opensAccount(nora);
  await ann.seesCollected(7);
  await ann.seesPictures();
  const address = page.url();
  const picture = (await ann.pictures.first().getAttribute("src"))!;

  await ann.main.getByRole("button", { name: "Disconnect" }).click();
  await expect(ann.question).toContainText(handle);
  for (const words of ["at once", "posts and pictures collected from it are deleted", "Apps and websites"]) {
    await expect(ann.question).toContainText(words);
  }
  await ann.question.getByRole("button", { name: "Cancel" }).click();
  await expect(ann.question).toBeHidden();
  await page.goto(address);
  await ann.seesAccountPage(nora);
  await expect(ann.posts).toHaveCount(7);

  await ann.disconnects(ann.main);
  await expect(page).toHaveURL(/\/accounts(\?disconnected=1)?$/);
  await expect(page.getByRole("status").filter({ hasText: /is disconnected, and the posts collected from it are deleted/ })).toBeVisible();
  await expect(ann.accountInSidebar(nora)).toHaveCount(0);
  expect((await page.goto(address))?.status()).toBe(404);
  expect((await page.request.get(picture)).status()).toBe(404);
});

test("a dead account can be disconnected, and nobody is sent to Instagram's settings for what the client removed there", async ({ ann, newClient, somebody }) => {
  await somebody.connects(await ann.sharesLink(), nora);
  await (await newClient()).removesApp(nora);
  await ann.opensDashboard();
  await ann.seesDead(nora, BY_THE_CLIENT);
  await ann.account(nora).getByRole("button", { name: "Disconnect" }).click();
  await expect(ann.question).toContainText(handle);
  await expect(ann.question).not.toContainText("Apps and websites");
  await ann.question.getByRole("button", { name: "Disconnect" }).click();
  await expect(ann.question).toBeHidden();
  await ann.seesNoAccount();
  await expect(ann.accountInSidebar(nora)).toHaveCount(0);
});

test("a51 one organization's dead account is no other's to connect or to ask for", async ({ ann, newMemberNamed, somebody, server }) => {
  const bob = await newMemberNamed("Northwind");
  await somebody.connectsForAMoment(await ann.sharesLink(), nora, deaths.expired);
  await ann.opensDashboard();
  await ann.seesDead(nora);
  await ann.opensAccount(nora);
  const account = new URL(ann.page.url()).pathname.split("/").pop()!;
  const headers = { origin: server.baseUrl };
  const organization_id = await bob.organizationId();
  const logIn = await bob.page.request.post("/accounts/log-in", { form: { account, organization_id }, headers, maxRedirects: 0 });
  expect(logIn.status()).toBe(404);
  const doors: [string, Record<string, string>][] = [
    ["/api/regenerate_request", { account, organization_id }],
    ["/api/disconnect_account", { id: account, organization_id }],
  ];
  for (const [door, form] of doors) {
    const answer = await bob.page.request.post(door, { form, headers: { ...headers, accept: "application/json" } });
    expect(answer.status(), door).toBe(404);
  }
  await ann.opensDashboard();
  await ann.seesDead(nora);
  await expect(ann.account(nora).getByRole("button", { name: "Ask the client to reconnect" })).toBeVisible();
});
