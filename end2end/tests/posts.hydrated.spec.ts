import { tabTo, type Member } from "../fixtures/actions";
import { people, type InstagramPerson } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

const nora = people.studioNora;
const bakery = people.bakeryHuber;
const lumen = people.cafeLumen;

/** The page of an account with all its posts. */
async function seesPostsOf(ann: Member, person: InstagramPerson, count: number): Promise<void> {
  await ann.opensAccount(person);
  await ann.seesCollected(count);
}

test("u18 u26 older posts come below those that stand there: no reload, said in words, and the first of them takes the focus", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(bakery, 60);
  await somebody.connects(await ann.sharesLink(), bakery);
  await seesPostsOf(ann, bakery, 60);
  await expect(ann.posts).toHaveCount(48);
  const loads: string[] = [];
  page.on("framenavigated", (frame) => loads.push(frame.url()));
  await ann.olderPostsButton.click();
  await expect(ann.posts).toHaveCount(60);
  await expect(ann.posts.nth(48)).toBeFocused();
  await expect(ann.collection.getByRole("status").filter({ hasText: "12 more posts shown." })).toBeVisible();
  await expect(ann.olderPostsButton).toHaveCount(0);
  expect(loads).toEqual([]);
});

test("u18 an account and its posts can be read from the keyboard alone", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(bakery, 60);
  await somebody.connects(await ann.sharesLink(), bakery);
  await expect(ann.accountInSidebar(bakery)).toContainText("Active");
  const link = ann.accountInSidebar(bakery);
  for (let step = 0; step < 20 && !(await link.evaluate((one) => one === document.activeElement)); step += 1) {
    await page.keyboard.press("Tab");
  }
  await expect(link).toBeFocused();
  await page.keyboard.press("Enter");
  await ann.seesAccountPage(bakery);
  await ann.seesCollected(60);
  // Each post has its date and its link to pass by.
  await tabTo(page, "Show older posts", 200);
  await page.keyboard.press("Enter");
  await expect(ann.posts.nth(48)).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(ann.posts.nth(48).locator("time")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(ann.posts.nth(48).getByRole("link")).toBeFocused();
});

test("f53 offline when older posts are asked for: it is said, nothing is lost, and the next press brings them", async ({ ann, somebody, server, context, watch }) => {
  watch.expects(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/);
  await server.sandbox.hasPosts(bakery, 60);
  await somebody.connects(await ann.sharesLink(), bakery);
  await seesPostsOf(ann, bakery, 60);
  await context.setOffline(true);
  await ann.olderPostsButton.click();
  await expect(ann.collection.getByRole("alert")).toBeVisible();
  await expect(ann.posts).toHaveCount(48);
  await context.setOffline(false);
  await ann.olderPostsButton.click();
  await expect(ann.posts).toHaveCount(60);
  await expect(ann.collection.getByRole("alert")).toHaveCount(0);
});

test("pressing “Show older posts” twice asks once", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(bakery, 60);
  await somebody.connects(await ann.sharesLink(), bakery);
  await seesPostsOf(ann, bakery, 60);
  let asked = 0;
  await page.route("**/api/list_posts*", async (route) => {
    asked += 1;
    await new Promise((done) => setTimeout(done, 600));
    await route.continue();
  });
  await ann.olderPostsButton.dblclick();
  await expect(ann.posts).toHaveCount(60);
  expect(asked).toBe(1);
});

test("the sidebar leads from one account to another without a change of document, there and back", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(nora, 7);
  await server.sandbox.hasPosts(lumen, 3);
  const link = await ann.sharesLink();
  for (const person of [nora, lumen]) await somebody.connects(link, person);
  await ann.seesConnected(lumen);
  const loads: string[] = [];
  page.on("load", () => loads.push(page.url()));
  for (const [person, other, count] of [
    [nora, lumen, 7],
    [lumen, nora, 3],
  ] as const) {
    await seesPostsOf(ann, person, count);
    await expect(ann.posts).toHaveCount(count);
    await expect(page).toHaveTitle(new RegExp(`^@${person.username} · `));
    await expect(ann.accountInSidebar(person)).toHaveAttribute("aria-current", "page");
    await expect(ann.accountInSidebar(other)).not.toHaveAttribute("aria-current");
    await expect(ann.accountInSidebar(person)).toBeFocused();
  }
  await page.goBack();
  await ann.seesAccountPage(nora);
  await expect(ann.posts).toHaveCount(7);
  await page.goForward();
  await ann.seesAccountPage(lumen);
  await expect(ann.posts).toHaveCount(3);
  expect(loads).toEqual([]);
});

test("u26 a post that was published meanwhile comes on top of an open page, and moves nobody's focus", async ({ ann, somebody, server, page }) => {
  await server.sandbox.hasPosts(nora, 7);
  const link = await ann.sharesLink();
  await somebody.connects(link, nora);
  await seesPostsOf(ann, nora, 7);
  await ann.seesPictures();
  const first = await ann.posts.first().getAttribute("id");
  const kept = page.locator(`[id="${first}"]`).getByRole("link");
  await kept.focus();
  await server.sandbox.publishes(nora, "Fresh out of the oven");
  // Connected again, an account is collected at once.
  await somebody.connects(link, nora);
  await expect(ann.posts.first()).toContainText("Fresh out of the oven");
  await expect(ann.posts).toHaveCount(8);
  await expect(kept).toBeFocused();
  await ann.seesPictures();
});

test("f53 with the program blocked an account and its posts are there all the same", async ({ ann, somebody, server, page, watch }) => {
  watch.expects(/wasm|WebAssembly|ERR_FAILED|ERR_BLOCKED|compile|instantiate|fetch/i);
  await server.sandbox.hasPosts(bakery, 60);
  await somebody.connects(await ann.sharesLink(), bakery);
  await seesPostsOf(ann, bakery, 60);
  await page.context().route("**/*.wasm", (route) => route.abort());
  await page.reload();
  await expect(ann.posts).toHaveCount(48);
  await ann.olderPostsButton.click();
  await expect(page).toHaveURL(/\?before=/);
  await expect(ann.posts).toHaveCount(12);
  await ann.main.getByRole("button", { name: "Disconnect" }).click();
  await expect(ann.question).toContainText(`@${bakery.username}`);
});
