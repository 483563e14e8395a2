import { people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

test("s17 u26 a new account appears while the member only watches: no reload, and the focus stays where it is", async ({ ann, newClient, somebody, page }) => {
  const link = await ann.sharesLink("Watched");
  const loads: string[] = [];
  page.on("framenavigated", (frame) => loads.push(frame.url()));
  await ann.shareButton.focus();
  const client = await newClient();
  await client.goesToConsent(link, people.bakeryHuber);
  await client.allows();
  // Immediately: before the client has read the confirmation, or a blink later.
  await expect(ann.account(people.bakeryHuber)).toHaveCount(1, { timeout: 5_000 });
  await ann.seesConnected(people.bakeryHuber);
  await client.readsConnected(people.bakeryHuber);
  // U18: it is announced.
  await expect(page.getByRole("status").filter({ hasText: "@bakery_huber" })).toBeVisible();
  await expect(ann.shareButton).toBeFocused();
  expect(loads).toEqual([]);

  // And the next one, while the focus is on the first one's button.
  const disconnect = ann.account(people.bakeryHuber).getByRole("button", { name: "Disconnect" });
  await disconnect.focus();
  await somebody.connects(link, people.studioNora);
  await ann.seesConnected(people.studioNora);
  await expect(disconnect).toBeFocused();
  // The same account again, and not in the same second: the row is renewed in place.
  await (await newClient()).connects(link, people.bakeryHuber);
  await expect(page.getByRole("status").filter({ hasText: "@bakery_huber" })).toBeVisible();
  await ann.seesConnected(people.bakeryHuber);
  await expect(disconnect).toBeFocused();
  expect(loads).toEqual([]);
});

test("s17 u26 an account arrives behind the open dialog, and what is being typed there is left alone", async ({ ann, somebody }) => {
  await ann.opensConnectLinks();
  const link = await ann.generatesLink("Watched");
  const description = ann.dialog.getByRole("textbox", { name: "Description" });
  await description.fill("half a sent");
  await somebody.connects(link, people.studioNora);
  await expect(ann.accountInSidebar(people.studioNora)).toHaveCount(1);
  await expect(ann.link("Watched")).toContainText(/used once/i);
  await expect(description).toBeFocused();
  await expect(description).toHaveValue("half a sent");
  await expect(ann.urlField).toHaveValue(link);
});

test("s17 only the organization that the account went to is told", async ({ ann, newMemberNamed, somebody }) => {
  const bob = await newMemberNamed("Northwind");
  await somebody.connects(await ann.sharesLink(), people.studioNora);
  await ann.seesConnected(people.studioNora);
  await expect(bob.page.getByText(people.studioNora.username)).toHaveCount(0);
});

test("u26 the dashboard catches up after it was offline", async ({ ann, somebody, page, context, watch }) => {
  watch.expects(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/);
  const link = await ann.sharesLink();
  await context.setOffline(true);
  await somebody.connects(link, people.cafeLumen);
  await context.setOffline(false);
  // Either it has caught up by itself, or it says that it has not and how to.
  const stale = page.getByRole("status").getByRole("link", { name: /reload/i });
  await expect(ann.account(people.cafeLumen).or(stale)).toBeVisible({ timeout: 15_000 });
});
