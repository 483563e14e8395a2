import { look } from "../fixtures/looks";
import { byInvitationStates } from "../fixtures/states";
import { test } from "../fixtures/test";

test.use({ signUp: "invite" });

for (const state of byInvitationStates) {
  test(`u15 u19 ${state.name}`, async ({ server, watch, newClient, somebody }) => {
    await look(await state.reach({ server, watch, newClient, somebody }), state.name);
  });
}
