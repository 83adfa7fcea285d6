import {
    amplifierTraffic,
    cleartextServices,
    cleartextTraffic,
    managementTraffic,
    type NamedTraffic,
    obsoleteServices,
    obsoleteTraffic,
    privateTraffic,
    publicAmplifierTraffic,
    sshTraffic,
} from "../../model/privateServices";
import { exampleOf, type Finding, finding, type FindingOptions } from "./finding";
import {
    namesIt,
    type Opening,
    openingsOf,
    openServices,
    piecesIn,
    type PortPiece,
    servicesText,
    type World,
} from "./world";
import { butNot, meet } from "../operations";

/** What is said of services by their ports, where strangers or anybody reaches them. */
export function serviceFindings(world: World, { managementPorts = [] }: FindingOptions): Finding[] {
    const ssh = [...sshTraffic, ...managementPorts.filter((port) => port !== 22).map(sshAt)];
    return [
        ...openServices(world, "VF220", privateTraffic),
        ...openServices(world, "VF221", managementTraffic),
        ...openServices(world, "VF222", ssh),
        ...openServices(world, "VF224", amplifierTraffic),
        ...openServices(world, "VF225", publicAmplifierTraffic),
        ...cleartextTraffic.flatMap((service) => cleartext(world, service)),
        ...obsoleteTraffic.flatMap((service) => obsolete(world, service)),
        ...ftpWithoutData(world),
        ...ftpDataInbound(world),
        ...dnsOverTcpOnly(world),
    ];
}

function sshAt(port: number): NamedTraffic {
    return { name: "ssh", protocol: "tcp", ports: [{ first: port, last: port }] };
}

function cleartext(world: World, service: NamedTraffic): Finding[] {
    return openingsOf(world, [service], namesIt).map((opening) => {
        const { packet, example } = exampleOf(world.tree, opening.packets);
        const values = { services: servicesText(opening.services), instead: cleartextServices[service.name]!, example };
        return finding("VF226", opening.rule, opening.blame, { rule: opening.rule, ...values }, packet);
    });
}

function obsolete(world: World, service: NamedTraffic): Finding[] {
    const accepts = namingAccepts(world, service.protocol, service.ports[0]!.first);
    return accepts.map(({ rule, blame, packets }) => {
        const values = { rule, services: servicesText([service]), instead: obsoleteServices[service.name]! };
        return finding("VF228", rule, blame, values, exampleOf(world.tree, packets).packet);
    });
}

/** Passive data goes to unprivileged ports; two neighbours that are open count as a range. */
function ftpWithoutData(world: World): Finding[] {
    const { tree, pieces } = world;
    const [control] = namingAccepts(world, "tcp", 21);
    if (!control) return [];
    const clients = peopleAt(pieces.tcp, 21);
    const data = pieces.tcp.some(
        ({ first, last, people }) => last >= 1024 && last > first && tree.diagrams.some(meet, people, clients),
    );
    // What is not known yet may be the range.
    if (data || tree.rules.some(({ sure, may }) => sure !== may)) return [];
    const { packet, example } = exampleOf(tree, control.packets);
    return [finding("VF227", control.rule, control.blame, { rule: control.rule, example }, packet)];
}

/** The guides' row for port 20 stands for connections that the server opens itself. */
function ftpDataInbound(world: World): Finding[] {
    return namingAccepts(world, "tcp", 20).map(({ rule, blame, packets }) => {
        const { packet, example } = exampleOf(world.tree, packets);
        return finding("VF236", rule, blame, { rule, example }, packet);
    });
}

function dnsOverTcpOnly(world: World): Finding[] {
    const { tree, pieces } = world;
    const onlyTcp = tree.diagrams.combine(butNot, peopleAt(pieces.tcp, 53), peopleAt(pieces.udp, 53));
    const [accept] =
        onlyTcp === 0 || tree.rules.some(({ sure, may }) => sure !== may) ? [] : namingAccepts(world, "tcp", 53);
    if (!accept) return [];
    const { packet, example } = exampleOf(tree, accept.packets);
    return [finding("VF229", accept.rule, accept.blame, { rule: accept.rule, example }, packet)];
}

function peopleAt(pieces: readonly PortPiece[], port: number): number {
    return piecesIn(pieces, { first: port, last: port })[0]!.people;
}

/** Rules that name this port and accept something there. */
function namingAccepts(world: World, protocol: "tcp" | "udp", port: number): Omit<Opening, "services">[] {
    const ports = [{ first: port, last: port }];
    return world.acceptsOf(protocol, ports).flatMap(({ index, packets }) => {
        const { key, rule } = world.tree.rules[index]!;
        return namesIt(rule, { ports }) ? [{ rule: key, blame: [key], packets }] : [];
    });
}
