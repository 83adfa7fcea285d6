import type { Family } from "../../model/addresses";
import { formatPort } from "../../model/ports";
import { LEVEL } from "../packetFields";
import { exampleOf, type Finding, finding, listed } from "./finding";
import { openingsOf, type PortPiece, type World } from "./world";

/** Ports that the world reaches over one family and nobody over the other, where a rule says so by its source alone. */
export function familyFindings(world: World): Finding[] {
    return ([4, 6] as const).flatMap((family) => {
        const open = (["tcp", "udp"] as const).flatMap((protocol) =>
            world.pieces[protocol]
                .filter((piece) => isOneSided(world, piece, family))
                .map(({ first, last }) => ({ name: "", protocol, ports: [{ first: Math.max(first, 1), last }] })),
        );
        const openings = openingsOf(world, open, ({ to }) => to.addresses.kind === "anywhere" && !to.addresses.family);
        return openings.map(({ rule, blame, services, packets }) => {
            const traffic = listed(
                services.map(({ protocol, ports }) => `${protocol} ${ports.map(formatPort).join(", ")}`),
            );
            const { packet, example } = exampleOf(world.tree, packets);
            const [own, other] = family === 4 ? ["IPv4", "IPv6"] : ["IPv6", "IPv4"];
            return finding("VF223", rule, blame, { rule, traffic, family: own, other, example }, packet);
        });
    });
}

function isOneSided({ tree: { diagrams }, isOpen }: World, { people }: PortPiece, family: Family): boolean {
    const other = diagrams.kidAt(people, LEVEL.family, family === 4 ? 1 : 0);
    return other === 0 && isOpen(people, [family]);
}
