export { openInstance, type SeenPacket } from "./decide";
export { apiDocument, type LeasewebSimulator, startLeasewebSimulator } from "./server";
export type { CloudState, SimulatedGroup, SimulatedInstance, SimulatedRule } from "./state";
