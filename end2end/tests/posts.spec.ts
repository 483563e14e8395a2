import type { Locator } from "@playwright/test";
import { people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

const nora = people.studioNora;
const bakery = people.bakeryHuber;

test("u24 u25 an account's page is reached from the list and from the sidebar, and says how long its access lasts and when it is renewed", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(nora, 7);
  await somebody.connects(await ann.sharesLink("Nora, autumn"), nora);
  await ann.opensDashboard();
  await ann.account(nora).getByRole("link", { name: `@${nora.username}`, exact: true }).click();
  await ann.seesAccountPage(nora);
  await expect(page).toHaveTitle(/^@studio\.nora · /);
  await expect(ann.accountInSidebar(nora)).toHaveAttribute("aria-current", "page");
  const overview = page.getByRole("navigation").first().getByRole("link", { name: "Instagram Accounts" });
  await expect(overview).not.toHaveAttribute("aria-current");

  await ann.seesCollected(7);
  await expect(ann.accountState).toHaveText("Active");
  await expect(ann.main).toContainText("Studio Nora");
  await expect(ann.fact("Through")).toHaveText("“Nora, autumn”");
  await expect(ann.fact("Kind")).toHaveText("Creator account");
  await expect(ann.fact("Connected")).toContainText(/\b20\d\d\s+·\s+just now/);
  // Of 60 days, less a moment.
  await expect(ann.fact("Access ends")).toContainText(/\b20\d\d\s+·\s+in 59 days/);
  await expect(ann.fact("Renewed")).toHaveText("Not yet");
  await expect(ann.fact("Next renewal")).toContainText(/in [678] days/);
  // U24: each date has time and zone for whoever asks.
  for (const time of await ann.main.locator("dl time").all()) {
    await expect(time).toHaveAttribute("title", /\b20\d\d, \d\d:\d\d UTC$/);
  }

  await overview.click();
  await ann.seesDashboard();
  await expect(overview).toHaveAttribute("aria-current", "page");
  await ann.opensAccount(nora);
  await expect(ann.posts).toHaveCount(7);
});

test("a51 what is no account of the organization's is not found, whatever it is to others", async ({ ann, newMemberNamed, newClient, somebody }) => {
  const bob = await newMemberNamed("Northwind");
  await somebody.connects(await bob.sharesLink(), nora);
  await bob.opensDashboard();
  await bob.opensAccount(nora);
  const address = bob.page.url();
  for (const path of [address, `/accounts/${"0".repeat(32)}`, "/accounts/nonsense"]) {
    const response = await ann.page.goto(path);
    expect(response?.status(), path).toBe(404);
    await expect(ann.page.getByRole("heading", { level: 1 })).toHaveText("There is nothing at this address");
    await expect(ann.page).toHaveTitle(/^Not found/);
    for (const secret of [nora.username, bob.identity.organization]) {
      expect(await ann.page.content(), path).not.toContain(secret);
    }
  }
  await ann.main.getByRole("link", { name: "Go to your accounts" }).click();
  await ann.seesDashboard();
  const stranger = await newClient();
  await stranger.page.goto(address);
  await expect(stranger.page).toHaveURL("/sign-in");
});

test("a51 a67 a picture comes from our own origin, to members of the account's organization alone, and is nothing but a picture", async ({ ann, newMemberNamed, newClient, somebody, server }) => {
  await server.sandbox.hasPosts(nora, 7);
  const bob = await newMemberNamed("Northwind");
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.opensDashboard();
  await ann.opensAccount(nora);
  await ann.seesCollected(7);
  await expect(ann.posts).toHaveCount(7);
  await ann.seesPictures();
  const picture = (await ann.pictures.first().getAttribute("src"))!;
  const own = await ann.page.request.get(picture);
  expect(own.status()).toBe(200);
  const headers = own.headers();
  expect(headers["content-type"]).toBe("image/jpeg");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["content-security-policy"]).toContain("sandbox");
  expect(headers["cache-control"]).toContain("private");
  for (const other of [bob.page, (await newClient()).page]) {
    expect((await other.request.get(picture)).status()).toBe(404);
  }
});

test("a51 a67 an account has its profile picture in the list, in the sidebar and on its own page, for its organization alone", async ({ ann, newMemberNamed, newClient, somebody, server }) => {
  await server.sandbox.hasPosts(nora, 1);
  const bob = await newMemberNamed("Northwind");
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.opensDashboard();
  const seesPicture = async (place: Locator): Promise<string> => {
    const picture = place.locator(".avatar img");
    // It may arrive later than its account.
    await ann.eventually(() => expect(picture).toHaveCount(1, { timeout: 1_000 }));
    await picture.scrollIntoViewIfNeeded();
    await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(160);
    // The handle stands beside it.
    await expect(picture).toHaveAttribute("alt", "");
    await expect(picture).toHaveAttribute("src", /^\/media\/accounts\/[0-9a-f]{32}\.jpg\?v=\d+$/);
    return (await picture.getAttribute("src"))!;
  };
  const address = await seesPicture(ann.account(nora));
  expect(await seesPicture(ann.accountInSidebar(nora))).toBe(address);
  await ann.opensAccount(nora);
  expect(await seesPicture(ann.main.locator(".account-head"))).toBe(address);
  const own = await ann.page.request.get(address);
  expect(own.status()).toBe(200);
  expect(own.headers()["content-type"]).toBe("image/jpeg");
  for (const other of [bob.page, (await newClient()).page]) {
    expect((await other.request.get(address)).status()).toBe(404);
  }
});

test("f52 a profile picture that cannot be had leaves the initials", async ({ ann, somebody, server }) => {
  await server.sandbox.hasPosts(nora, 1);
  const asked = (await server.sandbox.calls()).picture;
  await server.sandbox.misbehaves({ on: "picture", kind: "status", code: 404, times: 99, username: nora.username });
  await somebody.connects(await ann.sharesLink(), nora);
  await expect.poll(async () => (await server.sandbox.calls()).picture - asked).toBeGreaterThanOrEqual(2);
  await ann.opensDashboard();
  await expect(ann.account(nora).locator(".avatar")).toHaveText("SN");
  await expect(ann.page.locator(".avatar img")).toHaveCount(0);
});

test("a page shows 48 posts, and “Show older posts” leads to the rest", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(bakery, 60);
  await somebody.connects(await ann.sharesLink(), bakery);
  await ann.opensDashboard();
  await ann.opensAccount(bakery);
  await ann.seesCollected(60);
  await expect(ann.posts).toHaveCount(48);
  const address = page.url();
  const ids = (): Promise<string[]> => ann.posts.evaluateAll((posts) => posts.map((post) => post.id));
  const first = await ids();
  await expect(ann.posts.first()).toContainText("31 Oct 2026");
  await ann.olderPostsButton.click();
  if (ann.scripts) {
    await expect(ann.posts).toHaveCount(60);
    await expect(page).toHaveURL(address);
    expect((await ids()).slice(0, 48)).toEqual(first);
  } else {
    await expect(page).toHaveURL(/\?before=/);
    await expect(ann.posts).toHaveCount(12);
    await expect(ann.collectionState).toContainText("60 posts");
  }
  await expect(ann.olderPostsButton).toHaveCount(0);
  expect(new Set([...first, ...(await ids())]).size).toBe(60);
  await expect(ann.posts.last()).toContainText("12 Oct 2026");
  if (!ann.scripts) {
    await ann.collection.getByRole("link", { name: "Newest posts" }).click();
    await ann.seesAccountPage(bakery);
    expect(await ids()).toEqual(first);
  }
});

test("a place in the address leads there with scripts and without, and one that is none to the newest posts", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(bakery, 60);
  await somebody.connects(await ann.sharesLink(), bakery);
  await ann.opensDashboard();
  await ann.opensAccount(bakery);
  await ann.seesCollected(60);
  const address = page.url();
  const place = await ann.collection.locator("input[name=before]").inputValue();
  await page.goto(`${address}?before=${encodeURIComponent(place)}`);
  await expect(ann.posts).toHaveCount(12);
  await ann.collection.getByRole("link", { name: "Newest posts" }).click();
  await ann.seesAccountPage(bakery);
  await expect(ann.posts).toHaveCount(48);
  for (const wrong of ["", "nonsense", "5-x", "%22%3E%3Cscript%3E"]) {
    const response = await page.goto(`${address}?before=${wrong}`);
    expect(response?.status(), wrong).toBe(200);
    await expect(ann.posts, wrong).toHaveCount(48);
    await expect(ann.collection.getByRole("link", { name: "Newest posts" }), wrong).toHaveCount(0);
  }
});

test("a58 what strangers write below their pictures stays words, with its line breaks", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(nora, 7);
  const hostile = [
    "</textarea></script><script>alert('first')</script>",
    "\"><img src=x onerror=alert('second')><svg onload=alert('third')>",
    "{{7*7}} javascript:alert('fourth') <!--",
  ];
  for (const caption of hostile) await server.sandbox.publishes(nora, caption);
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.opensDashboard();
  await ann.opensAccount(nora);
  await ann.seesCollected(10);
  const shown = async (): Promise<void> => {
    for (const caption of [...hostile, "<b>warm</b>, loud & never tidy. <script>alert('caption')</script>"]) {
      await expect(ann.posts.filter({ hasText: caption }), caption).toHaveCount(1);
    }
    await expect(ann.posts.locator(".post-caption *")).toHaveCount(0);
    await expect(ann.posts.locator("script, [onerror], [onload]")).toHaveCount(0);
    const story = ann.posts.filter({ hasText: "Behind the scenes." }).locator(".post-caption");
    expect(await story.textContent()).toContain("Behind the scenes.\n\nThree of us");
    await expect(story).toHaveCSS("white-space-collapse", "preserve-breaks");
  };
  await shown();
  // Whoever drew them before: now it was the server.
  await page.reload();
  await ann.seesAccountPage(nora);
  await shown();
});

test("u18 a post says when and of what kind it is, and a picture without words says whose day it shows", async ({ ann, somebody, server }) => {
  await server.sandbox.hasPosts(nora, 7);
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.opensDashboard();
  await ann.opensAccount(nora);
  await ann.seesCollected(7);
  await ann.seesPictures();
  for (const post of await ann.posts.all()) {
    await expect(post.locator("time")).toHaveText(/\b2026\s+·\s/);
    await expect(post.locator("time")).toHaveAttribute("title", /\b2026, \d\d:\d\d UTC$/);
  }
  await expect(ann.posts.nth(3)).toContainText("Video");
  await expect(ann.posts.nth(5)).toContainText("Album");
  await expect(ann.posts.nth(0)).not.toContainText(/Photo|Video|Album/);
  // The third has no caption; of the others, the words beside them say more.
  await expect(ann.collection.getByRole("img")).toHaveCount(1);
  await expect(ann.posts.nth(2).getByRole("img")).toHaveAccessibleName("Post of 31 Oct 2026");
});

test("“Open at Instagram” leads to the very post, and tells nobody from where", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(nora, 7);
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.opensDashboard();
  await ann.opensAccount(nora);
  await ann.seesCollected(7);
  const link = ann.posts.first().getByRole("link", { name: "Open at Instagram, post of 31 Oct 2026, 16:00 UTC", exact: true });
  await expect(link).toHaveText("Open at Instagram");
  const asking = page.waitForRequest((request) => request.url().startsWith(`${server.sandbox.origin}/p/`));
  await link.click();
  expect((await (await asking).allHeaders())["referer"]).toBeUndefined();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("A post");
  await expect(page.getByRole("main")).toContainText(nora.username);
  await expect(page.getByRole("main")).toContainText("Open again from Tuesday.");
  await page.goBack();
  await ann.seesAccountPage(nora);
});

test("an account without posts says so, and so does its mail", async ({ ann, somebody, server }) => {
  await server.sandbox.hasPosts(people.cafeLumen, 0);
  await somebody.connects(await ann.sharesLink(), people.cafeLumen);
  await ann.opensDashboard();
  await ann.opensAccount(people.cafeLumen);
  await ann.seesCollected(0);
  await expect(ann.posts).toHaveCount(0);
  await expect(ann.collection).toContainText("This account has no posts yet. New ones appear here by themselves.");
  await expect(ann.olderPostsButton).toHaveCount(0);
  const [mail] = await ann.getsMails(ann.collectingMail(people.cafeLumen));
  expect(mail!.text).toContain("It has no posts yet");
});

test("f52 what was published meanwhile comes with the next collection, before the older posts, and each post once", async ({ ann, somebody, server }) => {
  await server.sandbox.hasPosts(nora, 7);
  const link = await ann.sharesLink();
  await somebody.connects(link, nora);
  await ann.opensDashboard();
  await ann.opensAccount(nora);
  await ann.seesCollected(7);
  await server.sandbox.publishes(nora, "Fresh out of the oven");
  // Connected again, an account is collected at once.
  await somebody.connects(link, nora);
  await ann.seesCollected(8);
  await expect(ann.posts).toHaveCount(8);
  await expect(ann.posts.first()).toContainText("Fresh out of the oven");
  await ann.seesPictures();
});

test("f52 several pages of posts are collected whole", async ({ ann, somebody, server }) => {
  await server.sandbox.fillsPages(bakery, 2);
  await somebody.connects(await ann.sharesLink(), bakery);
  await ann.opensDashboard();
  await ann.opensAccount(bakery);
  await ann.seesCollected(220);
  const [mail] = await ann.getsMails(ann.collectingMail(bakery));
  expect(mail!.text.replace(/\s+/g, " ")).toContain("220 posts have been collected so far");
});

for (const [trouble, fault, words] of [
  ["limits the rate", { kind: "rate_limited" }, "Instagram asks us to slow down. We try again later by ourselves."],
  ["is down", { kind: "html_502" }, "Instagram could not be reached. We try again by ourselves."],
  ["answers what cannot be read", { kind: "missing_fields" }, "Instagram's answer could not be used. We try again by ourselves."],
] as const) {
  test(`u25 t19 Instagram ${trouble}: the account stays active, its page says what is wrong, and no mail claims that it collects`, async ({ ann, somebody, server, page }) => {
    await server.sandbox.misbehaves({ on: "media", ...fault, times: 20, username: nora.username });
    await somebody.connects(await ann.sharesLink(), nora);
    await ann.opensDashboard();
    await ann.opensAccount(nora);
    await expect(async () => {
      await page.reload();
      await expect(ann.collection).toContainText(words, { timeout: 1_000 });
    }).toPass({ timeout: 20_000 });
    await expect(ann.accountState).toHaveText("Active");
    await expect(ann.collection).toContainText("first run under way");
    await ann.getsMails();
  });
}

test("f52 a picture that cannot be had leaves its post readable", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(nora, 7);
  const asked = (await server.sandbox.calls()).picture;
  await server.sandbox.misbehaves({ on: "picture", kind: "status", code: 404, times: 99, username: nora.username });
  await somebody.connects(await ann.sharesLink(), nora);
  await ann.opensDashboard();
  await ann.opensAccount(nora);
  await ann.seesCollected(7);
  await expect.poll(async () => (await server.sandbox.calls()).picture - asked).toBeGreaterThanOrEqual(7);
  await page.reload();
  await ann.seesAccountPage(nora);
  await expect(ann.posts).toHaveCount(7);
  await expect(ann.pictures).toHaveCount(0);
  await expect(ann.posts.locator(".post-picture svg")).toHaveCount(7);
  await expect(ann.posts.first()).toContainText("Open again from Tuesday.");
});

test("f23 u25 a mail that can never arrive is spoken of on the account's page", async ({ newMemberNamed, somebody }) => {
  // An address that most mail servers cannot take.
  const bob = await newMemberNamed("Northwind", "jörg");
  await somebody.connects(await bob.sharesLink(), nora);
  await bob.opensDashboard();
  await bob.opensAccount(nora);
  await expect(async () => {
    await bob.page.reload();
    await expect(bob.main).toContainText("A mail about this account could not be delivered", { timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  // In our words alone, without the address.
  await expect(bob.main).not.toContainText(bob.identity.email);
  await bob.getsMails();
});

test("the sandbox's first page lets a person do by hand what people do at Instagram", async ({ newClient, server }) => {
  await server.sandbox.hasPosts(people.cafeLumen, 30);
  const client = await newClient();
  const said = (name: string): Locator =>
    client.page.locator(`[id="${people.cafeLumen.username}"] dt`).filter({ hasText: name }).locator("xpath=following-sibling::dd[1]");
  for (const [button, happened] of [
    ["Change password", "changed the password"],
    ["Ask Instagram for a check", "was asked for a check"],
    ["Back to normal", "nothing"],
  ] as const) {
    const item = await client.opensSandbox(people.cafeLumen);
    await item.getByRole("button", { name: button }).click();
    await expect(client.page).toHaveURL(`${server.sandbox.origin}/#${people.cafeLumen.username}`);
    await expect(said("Happened last")).toHaveText(happened);
  }
  await expect(said("Posts")).toHaveText("30");
  const item = await client.opensSandbox(people.cafeLumen);
  await item.getByLabel("Caption").fill("Two lines\n<b>& markup</b>");
  await item.getByRole("button", { name: "Add a post" }).click();
  await expect(client.heading).toHaveText("A post");
  await expect(client.page.getByText("<b>& markup</b>")).toBeVisible();
  await client.page.getByRole("link", { name: "Back to the sandbox" }).click();
  await expect(said("Posts")).toHaveText("31");
});
