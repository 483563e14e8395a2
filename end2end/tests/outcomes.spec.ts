import { markOf, people, type InstagramPerson } from "../fixtures/people";
import type { Fault } from "../fixtures/sandbox";
import { expect, test } from "../fixtures/test";

test("u06 who cancels at Instagram reads that nothing was shared, and may try again with the same link", async ({ ann, newClient, server }) => {
  const link = await ann.sharesLink();
  const asked = await server.sandbox.serverCalls();
  const client = await newClient();
  await client.goesToConsent(link, people.bakeryHuber);
  await client.cancels();
  await client.readsNotConnected();
  await expect(client.page.getByText("Nothing was shared").first()).toBeVisible();
  await expect(client.page.getByText("You did not give access")).toBeVisible();
  // A decision is no error.
  await expect(client.page.getByRole("alert")).toHaveCount(0);
  // Nothing of what Instagram wrote into the address is shown or kept there.
  expect(client.page.url()).not.toContain("error");
  await expect(client.page.getByText("denied")).toHaveCount(0);
  expect(await server.sandbox.serverCalls()).toBe(asked);
  await client.page.reload();
  await client.readsNotConnected();

  await client.tryAgain.click();
  await client.continuesToInstagram();
  await client.signsInAtInstagram(people.bakeryHuber);
  await client.allows();
  await client.readsConnected(people.bakeryHuber);
});

test("u06 a cancellation that comes back without its state is told apart from a connection", async ({ ann, newClient, server }) => {
  const link = await ann.sharesLink();
  await server.sandbox.returnsStateOnCancel(false);
  const client = await newClient();
  await client.goesToConsent(link, people.studioNora);
  await client.cancels();
  await client.isBack();
  await expect(client.heading).toHaveText("Nothing was shared");
  await client.readsNotConnected();
  await expect(client.page.getByRole("alert")).toHaveCount(0);
  await ann.seesNoAccount();
  await client.tryAgain.click();
  await expect(client.page).toHaveURL(link);
  await client.connects(link, people.studioNora);
});

test("a28 what stands in a callback's address is never shown", async ({ page }) => {
  const response = await page.goto("/oauth/instagram/callback?error=access_denied&error_description=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3EINJECTED&state=AAAA");
  expect(response?.status()).toBe(400);
  await expect(page.getByText("INJECTED")).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("u08 a personal account is told how to switch, nothing is stored, and the link goes on working", async ({ ann, newClient }) => {
  const link = await ann.sharesLink();
  const client = await newClient();
  await client.goesThrough(link, people.miaPersonal);
  await client.readsNotConnected();
  await expect(client.page.getByRole("main")).toContainText(people.miaPersonal.username);
  await expect(client.page.getByRole("main")).toContainText(/switch to professional account/i);
  // Step by step, and still there for whoever comes back from switching.
  const steps = client.page.getByRole("main").getByRole("listitem");
  await expect(steps).toHaveCount(3);
  await client.page.reload();
  await expect(steps).toHaveCount(3);
  await ann.seesNoAccount();
  await client.tryAgain.click();
  await expect(client.page).toHaveURL(link);
  await client.connects(link, people.cafeLumen);
});

test("a personal account that Instagram stops changes nothing, and the client can start anew", async ({ ann, newClient, server }) => {
  const link = await ann.sharesLink();
  const client = await newClient();
  await client.opens(link);
  await client.continuesToInstagram();
  await client.signsInAtInstagram(people.maxPrivate);
  await client.isAtInstagram();
  await expect(client.page.getByRole("button", { name: "Allow" })).toHaveCount(0);
  expect(client.callbacks).toEqual([]);
  // The way that began says how it stands.
  await client.page.goto(`${server.baseUrl}/connect/attempt/${await client.attemptId()}`);
  await client.readsNotConnected();
  await client.tryAgain.click();
  await client.continuesToInstagram();
  await client.signsInAtInstagram(people.studioNora);
  await client.allows();
  await client.readsConnected(people.studioNora);
});

/** What goes wrong at Instagram, and what the client reads of it. */
const troubles: { name: string; person: InstagramPerson; faults: Fault[]; reads: RegExp; retries?: boolean }[] = [
  { name: "a27 a permission is left out", person: people.salonSparse, faults: [], reads: /permission/i },
  { name: "nobody may use the app with this account yet", person: people.acmeOutsider, faults: [], reads: /allow/i },
  { name: "f14 Instagram is down", person: people.studioNora, faults: [{ on: "token", kind: "status", code: 503, times: 9 }], reads: /Instagram did not answer/, retries: true },
  { name: "f14 a proxy answers for Instagram", person: people.studioNora, faults: [{ on: "long_lived", kind: "html_502", times: 9 }], reads: /Instagram did not answer/, retries: true },
  { name: "f14 the answer to the code is lost", person: people.studioNora, faults: [{ on: "token", kind: "drop_after_consuming" }], reads: /Instagram/, retries: true },
  { name: "f14 Instagram limits the calls", person: people.studioNora, faults: [{ on: "me", kind: "status", code: 429, retry_after: 60, times: 9 }], reads: /wait/i, retries: true },
  { name: "f16 the profile is cut off", person: people.studioNora, faults: [{ on: "me", kind: "truncated", times: 9 }], reads: /not completed|did not answer/i, retries: true },
  { name: "f16 the answer is a hundred megabytes", person: people.studioNora, faults: [{ on: "me", kind: "huge", times: 9 }], reads: /not completed|did not answer/i, retries: true },
  { name: "f17 a token comes and the profile fails", person: people.studioNora, faults: [{ on: "me", kind: "error", code: 2, times: 9 }], reads: /not completed|did not answer/i, retries: true },
  { name: "f19 the token is dead on arrival", person: people.studioNora, faults: [{ on: "me", kind: "error", code: 190, subcode: 460, times: 9 }], reads: /not completed/i, retries: true },
];

for (const { name, person, faults, reads, retries } of troubles) {
  test(`${name}: a plain reason, nothing stored, and the same link works again`, async ({ ann, newClient, server }) => {
    const link = await ann.sharesLink();
    await server.sandbox.misbehaves(...faults);
    const asked = await server.sandbox.exchanges();
    const client = await newClient();
    await client.goesThrough(link, person);
    await expect(client.heading).toContainText(reads);
    await client.readsNotConnected();
    // A code is brought once: after a lost answer it may be spent.
    expect(await server.sandbox.exchanges()).toBe(asked + 1);
    await expect(client.page.getByRole("main")).not.toContainText(/OAuth|token|\b5\d\d\b|Exception/);
    await ann.seesNoAccount();

    if (!retries) return;
    await server.sandbox.heal();
    await client.tryAgain.click();
    await client.continuesToInstagram();
    await client.signsInAtInstagram(person);
    await client.allows();
    await client.readsConnected(person);
  });
}

test("u11 while Instagram is slow the page says so by itself, and goes on to the confirmation", async ({ ann, newClient, server }) => {
  const link = await ann.sharesLink();
  const client = await newClient();
  await client.goesToConsent(link, people.studioNora);
  await server.sandbox.answersAfter(5_000);
  await client.page.getByRole("button", { name: "Allow" }).click({ noWaitAfter: true });
  await expect(client.page.getByRole("heading", { name: "Connecting…" })).toBeVisible({ timeout: 5_000 });
  await expect(client.page.getByText("is connected")).toHaveCount(0);
  // Nobody presses anything.
  await client.readsConnected(people.studioNora, 10_000);
  await ann.opensDashboard();
  await ann.seesConnected(people.studioNora);
});

test("u11 f13 when Instagram takes for ever there is an answer all the same, and the link stays usable", async ({ ann, newClient, server }) => {
  const link = await ann.sharesLink();
  const client = await newClient();
  await client.goesToConsent(link, people.studioNora);
  await server.sandbox.answersAfter(14_000);
  await client.page.getByRole("button", { name: "Allow" }).click({ noWaitAfter: true });
  await expect(client.page.getByRole("heading", { name: "Connecting…" })).toBeVisible({ timeout: 5_000 });
  await expect(client.heading).toContainText("Instagram did not answer", { timeout: 11_000 });
  await client.tryAgain.click();
  await client.continuesToInstagram();
  await client.signsInAtInstagram(people.studioNora);
  await client.allows();
  await client.readsConnected(people.studioNora);
});

test("a17 an address for Instagram that was started in one browser is worth nothing in another", async ({ ann, newClient, server }) => {
  const link = await ann.sharesLink();
  const attacker = await newClient();
  await attacker.opens(link);
  await attacker.continuesToInstagram();
  const asked = await server.sandbox.serverCalls();

  const victim = await newClient();
  await victim.page.goto(attacker.page.url());
  await victim.signsInAtInstagram(people.studioNora);
  const answer = victim.page.waitForResponse((response) => response.url().includes("/oauth/instagram/callback"));
  await victim.allows();
  expect((await answer).status()).toBe(400);
  await victim.isBack();
  await expect(victim.page.getByText("is connected")).toHaveCount(0);
  await expect(victim.page.getByRole("main")).toContainText(/browser/i);
  // Refused before Instagram was asked for anything.
  expect(await server.sandbox.serverCalls()).toBe(asked);
  // The page does not know who asked; what it leads to says so before anything can begin.
  expect(await victim.page.content()).not.toContain(markOf(ann.identity.organization));
  await victim.page.getByRole("link", { name: "Try again" }).click();
  await expect(victim.page.getByRole("region", { name: "Connection request" })).toContainText(ann.identity.organization);
  await ann.seesNoAccount();

  // The attacker's own browser cannot use the victim's answer either: the code belongs to another state by now.
  await attacker.page.goto(victim.callbacks[0]!.replace(/state=[^&#]*/, "state=forged"));
  await expect(attacker.page.getByText("is connected")).toHaveCount(0);
  expect(await server.sandbox.serverCalls()).toBe(asked);
});

test("a19 an answer that somebody else prepared connects nothing in a stranger's browser", async ({ ann, newClient, server }) => {
  const attacker = await newClient();
  await attacker.goesToConsent(await ann.sharesLink(), people.cafeLumen);
  const asked = await server.sandbox.serverCalls();
  const prepared = await attacker.allowsWithoutComingBack();

  const victim = await newClient();
  const response = await victim.page.goto(prepared);
  expect(response?.status()).toBe(400);
  await expect(victim.page.getByText("is connected")).toHaveCount(0);
  expect(await server.sandbox.serverCalls()).toBe(asked);
  await ann.seesNoAccount();
});

test("u13 u12 a browser that lost its cookies on the way reads what to do, and the link stays usable", async ({ ann, newClient, server }) => {
  const link = await ann.sharesLink();
  const client = await newClient();
  await client.goesToConsent(link, people.studioNora);
  const asked = await server.sandbox.serverCalls();
  await client.losesCookies();
  await client.allows();
  await client.isBack();
  await expect(client.page.getByText("is connected")).toHaveCount(0);
  await expect(client.page.getByRole("main")).toContainText(/cookies/i);
  await expect(client.page.getByRole("main")).toContainText(/Safari or Chrome/i);
  expect(await server.sandbox.serverCalls()).toBe(asked);
  // The way back: in this browser, or copied to another one.
  await expect(client.page.getByRole("link", { name: "Try again" })).toHaveAttribute("href", new URL(link).pathname);
  const field = client.page.getByRole("textbox", { name: "Your link" });
  await expect(field).toHaveValue(link);
  await expect(field).not.toBeEditable();
  if (client.scripts) await expect(client.page.getByRole("button", { name: "Copy", exact: true })).toBeVisible();
  await client.connects(link, people.studioNora);
});

test("u34 the reference on a refused page is its request's own, and stands in the log", async ({ newClient, server }) => {
  const client = await newClient();
  const response = await client.guessesTooOften();
  const reference = response.headers()["x-request-id"] ?? "";
  expect(reference, "short enough to read out").toMatch(/^[0-9a-z]{4,12}$/);
  await expect(client.page.getByText("Reference:").locator("code")).toHaveText(reference);
  await expect.poll(() => server.log()).toContain(reference);
  await expect(client.page.getByRole("link", { name: "Try again" })).toHaveAttribute("href", new URL(response.url()).pathname);
});

test("an attempt's page is for the browser that started it", async ({ ann, newClient }) => {
  const client = await newClient();
  await client.connects(await ann.sharesLink(), people.bakeryHuber);
  const stranger = await newClient();
  const response = await stranger.page.goto(client.page.url());
  expect(response?.status()).toBe(404);
  for (const secret of [people.bakeryHuber.username, ann.identity.organization, ann.identity.email]) {
    expect(await stranger.page.content()).not.toContain(secret);
  }
});

test("f53 reloading at every step and going back repeats nothing", async ({ ann, newClient, server }) => {
  const link = await ann.sharesLink();
  const client = await newClient();
  const asked = await server.sandbox.exchanges();
  await client.opens(link);
  await client.page.reload();
  await client.continuesToInstagram();
  await client.page.reload();
  await client.signsInAtInstagram(people.studioNora);
  await expect(client.page.getByRole("button", { name: "Allow" })).toBeVisible();
  await client.page.waitForLoadState();
  await client.page.reload();
  await client.allows();
  await client.readsConnected(people.studioNora);
  await client.page.reload();
  await client.readsConnected(people.studioNora);
  for (let step = 0; step < 3; step += 1) {
    await client.page.goBack();
    await expect(client.page.getByRole("heading").first()).toBeVisible();
  }
  expect(await server.sandbox.exchanges()).toBe(asked + 1);
  await ann.opensDashboard();
  await ann.seesConnected(people.studioNora);
});

test("f53 a client who goes Back from Instagram can simply go on again", async ({ ann, newClient }) => {
  const client = await newClient();
  await client.opens(await ann.sharesLink());
  await client.continuesToInstagram();
  await client.page.goBack();
  await client.continuesToInstagram();
  await client.signsInAtInstagram(people.studioNora);
  await client.allows();
  await client.readsConnected(people.studioNora);
});

test("the member of one organization and the client of another are told apart in one browser", async ({ ann, newMemberNamed }) => {
  // A member opens a link of somebody else's organization in the browser they are signed in with.
  const bob = await newMemberNamed("Northwind");
  const link = await bob.sharesLink();
  await ann.page.goto(link);
  await expect(ann.page.getByRole("region", { name: "Connection request" })).toContainText(bob.identity.organization);
  expect(await ann.page.content()).not.toContain(markOf(ann.identity.organization));
  await ann.opensDashboard();
});
