import { hydrated, Member } from "../fixtures/actions";
import { expectOnPhone, PHONE } from "../fixtures/looks";
import { newMember, people } from "../fixtures/people";
import { SUPPORT_EMAIL } from "../fixtures/server";
import { expect, test } from "../fixtures/test";

test("s03 s05 s11 s13 s14 s15 s16 a client without an account connects through a link", async ({ newClient, page, server, watch, javaScriptEnabled }) => {
  const ann = new Member(page, server, newMember(), javaScriptEnabled ?? true);
  watch.keepsSecret("a password", ann.identity.password);
  await ann.signsUp();
  const link = await ann.generatesLink("Bakery Huber, spring campaign");
  await ann.opensDashboard();

  const client = await newClient();
  await client.opens(link);
  // S13, S14: who asks, and for whom.
  await expect(client.banner).toContainText(ann.identity.email);
  await expect(client.banner).toContainText(ann.identity.organization);
  // The description is the member's own note.
  await expect(client.page.getByText("spring campaign")).toHaveCount(0);
  // S04: no password is asked for here.
  await expect(client.page.locator("input[type=password]")).toHaveCount(0);
  await expect(client.page.getByText(/password stays with Instagram/i)).toBeVisible();

  await client.continuesToInstagram();
  await client.signsInAtInstagram(people.bakeryHuber);
  await client.allows();
  await client.readsConnected(people.bakeryHuber);
  // U04: what was connected, and who has it now.
  await expect(client.page.getByRole("main")).toContainText(ann.identity.organization);

  // S06: there for the member, by name and state.
  await page.reload();
  await ann.seesConnected(people.bakeryHuber);
  await expect(ann.account(people.bakeryHuber)).toContainText("Bakery Huber, spring campaign");
});

test("s34 s39 the client who connected sees nothing of the organization", async ({ ann, newClient, somebody }) => {
  const link = await ann.sharesLink();
  await somebody.connects(link, people.studioNora);
  const client = await newClient();
  await client.connects(link, people.bakeryHuber);
  await expect(client.page.getByText(people.studioNora.username)).toHaveCount(0);
  for (const path of ["/accounts", "/accounts/connect-links", "/live"]) {
    // Asked by a program as well: whatever it accepts, it gets nothing.
    const answer = await client.page.request.get(path, { maxRedirects: 0 });
    expect(answer.status(), path).toBe(path === "/live" ? 401 : 303);
  }
  await client.page.goto("/accounts");
  await expect(client.page).toHaveURL("/sign-in");
});

test("s37 the same link connects one account after another, of the same client and of others", async ({ ann, newClient }) => {
  const link = await ann.sharesLink("For everybody");
  const client = await newClient();
  await client.connects(link, people.bakeryHuber);
  await client.connects(link, people.cafeLumen);
  await (await newClient()).connects(link, people.studioNora);
  await ann.opensDashboard();
  for (const person of [people.bakeryHuber, people.cafeLumen, people.studioNora]) await ann.seesConnected(person);
});

test("a25 connecting the same account again renews the one row", async ({ ann, newClient }) => {
  const link = await ann.sharesLink();
  const client = await newClient();
  await client.connects(link, people.bakeryHuber);
  await client.connects(link, people.bakeryHuber);
  await ann.opensDashboard();
  await ann.seesConnected(people.bakeryHuber);
});

test("a26 one account in two organizations is two accounts", async ({ ann, newMemberNamed, somebody }) => {
  const bob = await newMemberNamed("Northwind");
  for (const member of [ann, bob]) await somebody.connects(await member.sharesLink(), people.bakeryHuber);
  await ann.opensDashboard();
  await ann.seesConnected(people.bakeryHuber);
  await ann.account(people.bakeryHuber).getByRole("button", { name: "Disconnect" }).click();
  await ann.question.getByRole("button", { name: "Disconnect" }).click();
  await expect(ann.account(people.bakeryHuber)).toHaveCount(0);
  await bob.opensDashboard();
  await bob.seesConnected(people.bakeryHuber);
});

test("a20 u05 the confirmation survives reload, Back and the callback's replay, and nothing happens twice", async ({ ann, newClient, server }) => {
  const client = await newClient();
  await client.connects(await ann.sharesLink(), people.bakeryHuber);
  const asked = await server.sandbox.exchanges();

  await client.page.reload();
  await client.readsConnected(people.bakeryHuber);
  await client.page.goto(client.callbacks[0]!);
  await client.readsConnected(people.bakeryHuber);
  await client.page.goBack();
  await client.page.goForward();
  await client.readsConnected(people.bakeryHuber);
  expect(await server.sandbox.exchanges()).toBe(asked);

  // In another browser the very same callback is nothing.
  const stranger = await newClient();
  const response = await stranger.page.goto(client.callbacks[0]!);
  expect(response?.status()).toBe(400);
  await expect(stranger.page.getByText("is connected")).toHaveCount(0);
  await expect(stranger.page.getByText(people.bakeryHuber.username)).toHaveCount(0);
  expect(await server.sandbox.exchanges()).toBe(asked);

  await ann.opensDashboard();
  await ann.seesConnected(people.bakeryHuber);
});

for (const order of ["first", "second"] as const) {
  test(`a31 two links in two tabs of one browser, the ${order} one finished first`, async ({ ann, newClient, server }) => {
    const spring = await ann.sharesLink("Spring");
    const autumn = await ann.sharesLink("Autumn");
    const asked = await server.sandbox.exchanges();
    const one = await newClient();
    const two = await one.inAnotherTab();
    // Both are on their way before either comes back.
    await one.goesToConsent(spring, people.bakeryHuber);
    await two.goesToConsent(autumn, people.studioNora);
    const steps = [
      async () => {
        await one.allows();
        await one.readsConnected(people.bakeryHuber);
      },
      async () => {
        await two.allows();
        await two.readsConnected(people.studioNora);
      },
    ];
    for (const step of order === "first" ? steps : steps.reverse()) await step();

    await ann.opensDashboard();
    await expect(ann.account(people.bakeryHuber)).toContainText("Spring");
    await expect(ann.account(people.studioNora)).toContainText("Autumn");
    expect(await server.sandbox.exchanges()).toBe(asked + 2);
  });
}

test("f10 a browser that goes away while the account is being stored cancels nothing", async ({ ann, newClient, server, page }) => {
  const link = await ann.sharesLink();
  await server.sandbox.answersAfter(1_500);
  const client = await newClient();
  await client.goesToConsent(link, people.bakeryHuber);
  const before = await server.sandbox.exchanges();
  await client.page.getByRole("button", { name: "Allow" }).click({ noWaitAfter: true });
  await expect.poll(() => server.sandbox.exchanges(), { message: "the server asks Instagram" }).toBe(before + 1);
  await client.page.context().close();
  await expect(async () => {
    await page.reload();
    await expect(ann.account(people.bakeryHuber)).toHaveCount(1, { timeout: 500 });
  }).toPass({ timeout: 15_000 });
});

test("disconnecting asks once, names the account, and takes it off the list at once", async ({ ann, somebody, page }) => {
  await somebody.connects(await ann.sharesLink(), people.bakeryHuber);
  await ann.opensDashboard();
  const disconnect = ann.account(people.bakeryHuber).getByRole("button", { name: "Disconnect" });
  await disconnect.click();
  await expect(ann.question).toContainText(people.bakeryHuber.username);
  await ann.question.getByRole("button", { name: "Cancel" }).or(ann.question.getByRole("link", { name: "Cancel" })).click();
  await expect(ann.question).toBeHidden();
  await ann.seesConnected(people.bakeryHuber);
  await disconnect.click();
  await ann.question.getByRole("button", { name: "Disconnect" }).click();
  await expect(ann.question).toBeHidden();
  await expect(ann.account(people.bakeryHuber)).toHaveCount(0);
  await expect(ann.accountInSidebar(people.bakeryHuber)).toHaveCount(0);
  await expect(page.getByRole("status").filter({ hasText: /disconnected/i })).toBeVisible();
});

test("u04 the confirmation names the account, its id, who has it and since when, and the way to another one", async ({ ann, newClient }) => {
  const client = await newClient();
  await client.connects(await ann.sharesLink(), people.bakeryHuber);
  const main = client.page.getByRole("main");
  for (const fact of ["@bakery_huber", "17841405822304914", ann.identity.organization]) await expect(main).toContainText(fact);
  await expect(main.locator(".facts .avatar")).toHaveText("BH");
  await expect(main.getByText(/\d{1,2} \w{3} 20\d\d/)).toBeVisible();
  await client.page.getByText("Not the right account?").click();
  await expect(client.page.getByRole("link", { name: "Connect another account" })).toBeVisible();
});

test("u05 the confirmation says what happens next, how to take the access back, and whom to ask", async ({ ann, newClient }) => {
  const client = await newClient();
  await client.connects(await ann.sharesLink(), people.bakeryHuber);
  await expect(client.page.getByText("What happens next")).toBeVisible();
  await expect(client.page.getByRole("main")).toContainText(`${ann.identity.organization} can now see the profile and the posts`);
  const path = client.page.getByText("Apps and websites");
  await expect(path).toBeHidden();
  await client.page.getByText("How to disconnect").click();
  await expect(path).toBeVisible();
  await expect(client.page.getByRole("button", { name: "Disconnect @bakery_huber" })).toBeVisible();
  const contact = client.page.getByText("Questions? Write to").getByRole("link", { name: ann.identity.email });
  await expect(contact).toHaveAttribute("href", `mailto:${ann.identity.email}`);
});

test("u05 the client takes the access back where it was confirmed, and the members are told", async ({ ann, newClient }) => {
  const link = await ann.sharesLink();
  const client = await newClient();
  await client.connects(link, people.bakeryHuber);
  await ann.opensDashboard();
  await ann.seesConnected(people.bakeryHuber);

  await client.page.getByText("How to disconnect").click();
  await client.page.getByRole("button", { name: "Disconnect @bakery_huber" }).click();
  await expect(client.heading).toHaveText("@bakery_huber is no longer connected");
  await expect(client.page.getByRole("main")).toContainText(ann.identity.organization);
  await client.page.reload();
  await expect(client.heading).toHaveText("@bakery_huber is no longer connected");
  await expect(client.page.getByText("is connected")).toHaveCount(0);

  // With scripts, while the member only watches.
  if (!ann.scripts) await ann.opensDashboard();
  await expect(ann.account(people.bakeryHuber)).toContainText("Disconnected by the client");
  await client.page.getByRole("link", { name: "Connect an account again" }).click();
  await client.connects(link, people.bakeryHuber);
});

test("u24 a date has its year and its distance, and shows time and zone to whoever points at it or tabs to it", async ({ ann, newClient }) => {
  const client = await newClient();
  await client.connects(await ann.sharesLink(), people.studioNora);
  await hydrated(client.page, client.scripts);
  const time = client.page.locator("time");
  await expect(time).toHaveText(/\b20\d\d\s+·\s/);
  await expect(time).toHaveAttribute("datetime", /^20\d\d-\d\d-\d\dT.*Z$/);
  await expect(time).toHaveAttribute("title", /\b20\d\d, \d\d:\d\d UTC$/);
  // Style writes the title behind the date while the keyboard is on it; some browsers report how, some what.
  const behind = (): Promise<string> => time.evaluate((element) => getComputedStyle(element, "::after").content);
  expect(await behind()).not.toMatch(/attr\(title\)|UTC/);
  for (let step = 0; step < 20; step += 1) {
    await client.page.keyboard.press("Tab");
    if (await time.evaluate((element) => element === document.activeElement)) break;
  }
  await expect(time).toBeFocused();
  await expect.poll(behind).toMatch(/attr\(title\)|UTC/);
});

test("u01 u03 everything that matters stands on the first screen of a small phone", async ({ ann, newClient }) => {
  const link = await ann.sharesLink("never shown to the client");
  const client = await newClient({ viewport: PHONE });
  await client.opens(link);
  // One next thing to do.
  await expect(client.page.locator(".button-primary")).toHaveCount(1);
  for (const part of [
    client.heading,
    client.page.getByText(ann.identity.email).first(),
    client.page.getByText(ann.identity.organization).first(),
    client.continueButton,
  ]) {
    await expectOnPhone(part);
  }
  await expect(client.page.getByText("never shown to the client")).toHaveCount(0);
  // U03: where the button leads; S42: whom to ask.
  await expect(client.page.locator(".steps").getByText(new URL(client.server.sandbox.origin).host)).toBeVisible();
  await expect(client.page.locator(`a[href^="mailto:${SUPPORT_EMAIL}"]`).first()).toBeAttached();
});

test("u01 a long name and a long address leave the button on the first screen", async ({ newMemberNamed, newClient }) => {
  const bob = await newMemberNamed("Brandstätter, Söhne & Marketing", "maximiliane.hohenlohe-waldenburg");
  expect(bob.identity.organization).toHaveLength(40);
  const client = await newClient({ viewport: PHONE });
  await client.opens(await bob.sharesLink());
  await expect(client.banner).toContainText(bob.identity.organization);
  await expect(client.banner).toContainText(bob.identity.email);
  for (const part of [client.banner, client.continueButton]) await expectOnPhone(part);
});

test("u02 u03 the page says what will happen, what is asked for, and how to take it back", async ({ ann, newClient }) => {
  const client = await newClient();
  await client.opens(await ann.sharesLink());
  const words = client.page.getByRole("main");
  await expect(words).toContainText(/come back here/i);
  await expect(words).toContainText(/Business or Creator/i);
  await expect(words).toContainText(/password/i);
  const settings = client.page.getByText("Apps and websites");
  await expect(settings).toBeHidden();
  await client.page.getByText("How to take the access back later").click();
  await expect(settings).toBeVisible();
  const scope = client.page.getByRole("list", { name: "What they can and cannot do" });
  for (const part of ["can see your profile", "cannot post", "never see it"]) await expect(scope).toContainText(part);
  await expect(words).not.toContainText(/OAuth|token|redirect/i);
});

for (const [app, userAgent] of [
  ["Instagram", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22A3354 Instagram 350.0.0.0"],
  ["Facebook", "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0 Mobile Safari/537.36 [FBAN/FB4A;FBAV/480.0;]"],
] as const) {
  test(`u12 in the browser inside ${app} the page says how to open it elsewhere, before the button`, async ({ ann, newClient }) => {
    const link = await ann.sharesLink();
    const client = await newClient({ userAgent });
    await client.opens(link);
    const hint = client.page.getByText(/Safari or Chrome/i).first();
    await expect(hint).toBeVisible();
    await expect(client.page.getByRole("main")).toContainText(app);
    const [hintBox, buttonBox] = [await hint.boundingBox(), await client.continueButton.boundingBox()];
    expect(hintBox!.y).toBeLessThan(buttonBox!.y);
    // The link to take along.
    await expect(client.page.getByRole("textbox")).toHaveValue(link);
    if (client.scripts) {
      const copy = client.page.getByRole("button", { name: "Copy", exact: true });
      expect((await copy.boundingBox())!.y).toBeLessThan(buttonBox!.y);
      await client.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await copy.click();
      expect(await client.page.evaluate(() => navigator.clipboard.readText())).toBe(link);
    }
    // It is a hint, no obstacle.
    await client.continuesToInstagram();
  });
}

test("an ordinary browser is not bothered with that", async ({ ann, newClient }) => {
  const client = await newClient();
  await client.opens(await ann.sharesLink());
  await expect(client.page.getByText(/Safari or Chrome/i)).toHaveCount(0);
});
