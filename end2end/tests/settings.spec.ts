import { hydrated } from "../fixtures/actions";
import { expectOnPhone, PHONE } from "../fixtures/looks";
import { people } from "../fixtures/people";
import { orange, picture, Settings } from "../fixtures/settings";
import { expect, test } from "../fixtures/test";

test("u19 a member gives the organization a face, and clients see it on their page and after it", async ({ ann, newClient }) => {
  const settings = new Settings(ann);
  await settings.opens();
  await expect(settings.preview).toContainText(ann.identity.organization);
  await expect(settings.preview).toContainText(`${ann.identity.email} asks you to connect`);
  const name = `${ann.identity.organization} & Sons`;
  await settings.name.fill(name);
  await settings.givesAFace();

  // What was saved is what the page shows, with scripts and without.
  await expect(settings.name).toHaveValue(name);
  await expect(settings.accent).toHaveValue(orange.code);
  await expect(settings.preview).toContainText(name);
  await expect(settings.preview).toContainText("bright.example/help");
  await expect(settings.previewButton).toHaveCSS("background-color", orange.drawn);
  const shown = settings.preview.locator("img.brand-logo");
  await expect(shown).toHaveAttribute("src", /^\/brand\/[0-9a-f]{32}\.jpg$/);
  await expect.poll(() => shown.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(240);

  await ann.opensDashboard();
  const link = await ann.sharesLink();
  const client = await newClient({ viewport: PHONE });
  await client.opens(link);
  await expect(client.banner).toContainText(name);
  await expect(client.continueButton).toHaveCSS("background-color", orange.drawn);
  await expect(client.continueButton).toHaveCSS("color", "rgb(255, 255, 255)");
  const logo = client.banner.locator("img.brand-logo");
  await expect.poll(() => logo.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(240);
  await expect(client.page.getByRole("link", { name: "bright.example/help" })).toHaveAttribute("href", "https://bright.example/help");
  await expectOnPhone(client.continueButton);

  await client.connects(link, people.studioNora);
  await expect(client.page.locator("img.brand-logo")).toBeVisible();
  await expect(client.page.getByRole("main")).toContainText(name);
});

test("u19 u20 a colour that cannot be seen is refused with one that can, and nothing of what was typed is lost", async ({ ann }) => {
  const settings = new Settings(ann);
  await settings.opens();
  await settings.logo.setInputFiles(picture(88, 88));
  await settings.accent.fill("#ffe600");
  await settings.support.fill("our help desk");
  await settings.presses();
  await expect(ann.page).toHaveTitle(/^Settings not saved/);
  await expect(ann.page.getByRole("alert")).toContainText("#ffe600 is too light");
  await expect(settings.accent).toHaveValue("#ffe600");
  await expect(settings.accent).toHaveAccessibleDescription(/Choose a darker one, such as #a19100/);
  await expect(settings.support).toHaveValue("our help desk");
  await expect(settings.support).toHaveAttribute("aria-invalid", "true");
  await expect(settings.main).toContainText("The logo you chose is kept.");
  await expect(settings.preview.locator("img.brand-logo")).toHaveAttribute("src", /^data:image\/jpeg;base64,/);

  await settings.accent.fill("#a19100");
  await settings.support.fill("");
  await settings.saves();
  await expect(settings.preview.locator("img.brand-logo")).toHaveAttribute("src", /^\/brand\//);
  await expect(settings.accent).toHaveValue("#a19100");

  // A file that is none says so, and the one before stays.
  await settings.logo.setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: Buffer.from("<svg/>") });
  await settings.presses();
  await expect(settings.logo).toHaveAccessibleDescription(/Choose a JPEG, PNG or WebP picture/);
  await settings.opens();
  await expect(settings.preview.locator("img.brand-logo")).toHaveAttribute("src", /^\/brand\//);
  await settings.removeLogo.check();
  await settings.saves();
  await expect(settings.preview.locator("img.brand-logo")).toHaveCount(0);
  await expect(settings.removeLogo).toHaveCount(0);
});

test("a56 u36 an organization is deleted when its name is typed, and its links with it", async ({ ann, newClient, somebody }) => {
  const link = await ann.sharesLink("Bakery");
  await somebody.connects(link, people.studioNora);
  await ann.opensDashboard();
  const settings = new Settings(ann);
  await settings.opens();
  await settings.asksToDelete();
  await expect(ann.page.getByRole("heading", { level: 1 })).toHaveText(`Delete ${ann.identity.organization}?`);
  await expect(settings.main).toContainText("1 Instagram account is disconnected");
  await expect(settings.main).toContainText("1 link you gave out is dead");

  const field = settings.main.getByRole("textbox", { name: "Organization name" });
  await field.fill(ann.identity.organization.toUpperCase());
  await settings.deleteButton.click();
  await expect(ann.page.getByRole("alert")).toContainText("Nothing was deleted.");
  await expect(field).toHaveValue(ann.identity.organization.toUpperCase());
  await expect(ann.page).toHaveTitle(/^Organization not deleted/);
  await settings.main.getByRole("link", { name: "Cancel" }).click();
  await settings.seen();
  await ann.opensDashboard();
  await ann.seesConnected(people.studioNora);

  await settings.opens();
  await settings.asksToDelete();
  // A50: a session alone deletes nothing, and what was typed is kept.
  await field.fill(ann.identity.organization);
  await settings.ownPassword.fill("not the password");
  await settings.deleteButton.click();
  await expect(settings.ownPassword).toHaveAccessibleDescription(/This is not your password/);
  await expect(settings.ownPassword).toHaveValue("");
  await expect(field).toHaveValue(ann.identity.organization);
  await settings.ownPassword.fill(ann.identity.password);
  await settings.deleteButton.click();
  await expect(ann.page).toHaveURL("/sign-in?deleted=1");
  await expect(ann.page.getByText("The organization is deleted")).toBeVisible();
  expect(await (await newClient()).opensDead(link)).toBe(404);
  // Back shows nothing of it.
  await ann.page.goto("/accounts");
  await expect(ann.page).toHaveURL("/sign-in");

  await ann.signsIn();
  await expect(ann.page.getByRole("alert")).toContainText("it belongs to no organization any more");
  await hydrated(ann.page, ann.scripts);
});
