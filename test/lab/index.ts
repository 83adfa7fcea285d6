export { openLab, type Lab, type LabOptions } from "./lab";
export type { HostKind, HostOptions, LabHost } from "./host";
export type { Userland } from "./userland";
export type { AskOutcome, ConnectOutcome, Destination, Flood, Listener, ListenOptions, Peer, Stream } from "./agent";
export { mustRun, runCommand, type CommandOptions, type CommandResult } from "./command";
export { describeLab, inLabNetwork, runOutside } from "./network";
