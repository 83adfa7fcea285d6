import { dataServices } from "./serviceRowsData";
import { networkServices } from "./serviceRowsNetwork";
import { platformServices } from "./serviceRowsPlatform";
import { type CatalogueService, readRows } from "./serviceRows";

/** The catalogue, in the order of the reference page. */
export const services: readonly CatalogueService[] = [networkServices, dataServices, platformServices].flatMap(
    readRows,
);

const byName = new Map(services.flatMap((service) => [service.name, ...service.aliases].map((n) => [n, service])));

export function findService(name: string): CatalogueService | undefined {
    return byName.get(name);
}

export function serviceNames(): string[] {
    return [...byName.keys()];
}
