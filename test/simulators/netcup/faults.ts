import type { Fault as AnyFault } from "../shared/faults";
import type { PanelState } from "./state";

/** Something that goes wrong at this panel, or happens in between. */
export type Fault =
    | Exclude<AnyFault<PanelState>, { kind: "fails later" }>
    /** All access tokens end. */
    | { readonly kind: "expire" }
    /** The task that this request begins ends so. */
    | {
          readonly kind: "task";
          readonly end: "FINISHED" | "ERROR" | "CANCELED" | "ROLLBACK";
          readonly reasonIn?: "message" | "responseError";
          /** How often it is looked at before it ends. Default: that of the simulator. */
          readonly looks?: number;
      };

/** "Another update is running", as it was seen: neither its status nor its text is published. */
export const running = (status: 400 | 409 = 400): Fault => ({
    kind: "answer",
    status,
    body: { code: "firewall.update.running", message: "Another firewall policy update is running. Try again later." },
});
