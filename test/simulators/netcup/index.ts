export { apiDocument, type JsonSchema } from "./document";
export { type Fault, running } from "./faults";
export { type NetcupSimulator, startNetcupSimulator } from "./server";
export type { PanelState, SimulatedRule } from "./state";
