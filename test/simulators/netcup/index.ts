export { apiDocument, type JsonSchema } from "./document";
export { type Fault, type FaultPlan, running } from "./faults";
export { type NetcupSimulator, startNetcupSimulator } from "./server";
export type { PanelState, SimulatedRule } from "./state";
