import type { Diagrams } from "../../../analysis/diagram";
import type { Interfaces } from "../../../analysis/interfaces";
import type { ConditionLevels } from "../../../analysis/packetFields";

export { isVerdict, VERDICT } from "../../meaning";

export interface Surroundings {
    readonly diagrams: Diagrams;
    /** Every name and pattern of the ruleset must be in it: `interfacesOf`. */
    readonly interfaces: Interfaces;
    readonly conditions: ConditionLevels;
}
