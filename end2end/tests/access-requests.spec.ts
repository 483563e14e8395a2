import { people } from "../fixtures/people";
import { expect, test } from "../fixtures/test";

test("t02 t03 t04 t06 t08 t15 t16 t17 t20 t21 a requested account is greyed out until its owner connects it", async ({ ann, newClient }) => {
  const link = await ann.requestsAccess(`@${people.studioNora.username}`);
  await ann.opensDashboard();
  await expect(ann.account(people.studioNora)).toContainText("Pending");
  await expect(ann.accountInSidebar(people.studioNora)).toContainText("Pending");

  const client = await newClient();
  await client.opens(link);
  await expect(client.banner).toContainText(`@${people.studioNora.username}`);
  // Instagram opens in a window of its own.
  const opening = client.page.context().waitForEvent("page");
  await client.continueButton.click();
  const other = await client.inWindow(await opening);
  await other.isAtInstagram();
  await other.signsInAtInstagram(people.studioNora);
  await other.allows();
  await other.isBack();
  await other.readsConnected(people.studioNora);

  await ann.opensDashboard();
  await ann.seesConnected(people.studioNora);
  await expect(ann.page.getByText("Pending")).toHaveCount(0);
});

test("u07 a23 another account than the requested one is refused, both sides read which, and the link goes on working", async ({ ann, newClient }) => {
  const link = await ann.requestsAccess(people.studioNora.username);
  const client = await newClient();
  await client.opens(link);
  const opening = client.page.context().waitForEvent("page");
  await client.continueButton.click();
  const other = await client.inWindow(await opening);
  await other.signsInAtInstagram(people.cafeLumen);
  await other.allows();
  await other.readsNotConnected();
  const main = other.page.getByRole("main");
  await expect(main).toContainText(`@${people.cafeLumen.username}`);
  await expect(main).toContainText(`@${people.studioNora.username}`);
  await ann.opensDashboard();
  await expect(ann.account(people.studioNora)).toContainText(`Wrong account: @${people.cafeLumen.username} tried`);
});

test("t23 t24 regenerating shows a new URL, and the old one is dead", async ({ ann, newClient }) => {
  const old = await ann.requestsAccess(people.studioNora.username);
  await ann.opensDashboard();
  await ann.account(people.studioNora).getByRole("button", { name: "Regenerate request link" }).click();
  const field = ann.page.getByRole("textbox", { name: "Request link URL" });
  await expect(field).toBeVisible();
  const fresh = await field.inputValue();
  expect(fresh).not.toBe(old);
  const client = await newClient();
  expect(await client.opensDead(old)).toBe(410);
  await client.opens(fresh);
});

test("t05 a member who has the password connects the account themselves", async ({ ann }) => {
  await ann.opensDashboard();
  await ann.page.getByRole("button", { name: "New Instagram connection" }).click();
  await ann.dialog.getByRole("button", { name: "+ Add Your Account" }).click();
  await ann.dialog.getByRole("button", { name: "Log in to an Account" }).click();
  const client = ann.asClient();
  await client.isAtInstagram();
  await client.signsInAtInstagram(people.studioNora);
  await client.allows();
  await client.readsConnected(people.studioNora);
  await ann.page.getByRole("link", { name: "Go to your accounts" }).click();
  await ann.seesConnected(people.studioNora);
});
