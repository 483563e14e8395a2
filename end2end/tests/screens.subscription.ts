import { look } from "../fixtures/looks";
import { subscriptionStates } from "../fixtures/states";
import { test } from "../fixtures/test";

test.use({ billing: "manual" });

for (const state of subscriptionStates) {
  test(`u15 u19 ${state.name}`, async ({ server, watch, ann, newClient, somebody }) => {
    await look(await state.reach({ server, watch, ann, newClient, somebody }), state.name);
  });
}
