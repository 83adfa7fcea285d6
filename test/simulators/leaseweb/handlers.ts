import { randomUUID } from "node:crypto";
import type { FieldProblem } from "../shared/document";
import type { Reply } from "../shared/serve";
import {
    type CloudState,
    look,
    lookAtInstance,
    lookAtRules,
    newGroup,
    type SentRule,
    type SimulatedGroup,
    type SimulatedInstance,
    type SimulatedRule,
} from "./state";

/** A request that fits the document. */
export interface Request {
    readonly parameters: Readonly<Record<string, string>>;
    readonly query: URLSearchParams;
    readonly body: unknown;
    readonly failsLater: boolean;
}

type Handler = (request: Request, state: CloudState) => Reply;

export function failed(status: number, errorMessage: string, problems: readonly FieldProblem[] = []): Reply {
    const errorDetails = Object.fromEntries(problems.map(({ field, message }) => [field, [message]]));
    return { status, body: { correlationId: randomUUID(), errorCode: String(status), errorMessage, errorDetails } };
}

const accepted: Reply = { status: 202 };
const notFound = () => failed(404, "Resource not found");

const shownGroup = ({ id, name, default: standard, state }: SimulatedGroup) => ({ id, name, default: standard, state });

function shownRule({ idName }: CloudState, rule: SimulatedRule): object {
    const { protocol, startPort = null, endPort = null, icmpType = null, icmpCode = null, source, state } = rule;
    const published = { protocol, source, startPort, endPort, icmpCode, icmpType, state };
    return idName === undefined ? published : { ...published, [idName]: rule.id };
}

function page<T>(name: string, all: readonly T[], query: URLSearchParams, { largestPage }: CloudState): Reply {
    const offset = Number(query.get("offset") ?? 0);
    const limit = Math.min(Number(query.get("limit") ?? 10), largestPage);
    const _metadata = { totalCount: all.length, limit, offset };
    return { status: 200, body: { [name]: all.slice(offset, offset + limit), _metadata } };
}

const onGroup =
    (handler: (group: SimulatedGroup, request: Request, state: CloudState) => Reply): Handler =>
    (request, state) => {
        const group = state.groups.find(({ id }) => id === request.parameters["securityGroupId"]);
        return group ? handler(group, request, state) : notFound();
    };

const onInstance =
    (handler: (instance: SimulatedInstance, request: Request, state: CloudState) => Reply): Handler =>
    (request, state) => {
        const instance = state.instances.find(({ id }) => id === request.parameters["instanceId"]);
        return instance ? handler(instance, request, state) : notFound();
    };

function changeGroups(attach: boolean): Handler {
    return onInstance((instance, { body }, state) => {
        const { securityGroupIds } = body as { securityGroupIds: string[] };
        const unknown = securityGroupIds.filter((id) => !state.groups.some((group) => group.id === id));
        if (unknown.length > 0)
            return failed(400, "Validation failed", [{ field: "securityGroupIds", message: "unknown" }]);
        for (const group of securityGroupIds) instance.pending.push({ attach, group, looks: state.looks });
        for (const group of state.groups.filter(({ id }) => securityGroupIds.includes(id)))
            if (group.state === "ACTIVE") Object.assign(group, { state: "SYNCING", looks: state.looks });
        return accepted;
    });
}

/** What the document says in words only. */
function ruleProblems(rules: readonly SentRule[]): FieldProblem[] {
    return rules.flatMap(({ protocol, startPort, endPort, icmpType, icmpCode, source }, index) => {
        const wrong = (field: string, message: string) => [{ field: `rules.${index}.${field}`, message }];
        if (source !== undefined && !/^\d+(\.\d+){3}(\/\d+)?$/.test(source)) return wrong("source", "is no CIDR block");
        if (protocol === "ICMP")
            return icmpType == null || icmpCode == null || startPort != null || endPort != null
                ? wrong("icmpType", "type and code are required, ports are not applicable")
                : [];
        if (startPort == null || endPort == null) return wrong("startPort", "both ports are required");
        return startPort > endPort || icmpType != null || icmpCode != null ? wrong("endPort", "is not valid") : [];
    });
}

const GROUPS = "/publicCloud/v1/securityGroups";
const GROUP = `${GROUPS}/{securityGroupId}`;
const INSTANCE = "/publicCloud/v1/instances/{instanceId}";

/** What each operation of the document does. */
export const handlers: Readonly<Record<string, Handler>> = {
    [`GET ${GROUPS}`]: ({ query }, state) => {
        state.groups.forEach((group) => look(group));
        const wanted = query.get("state");
        const found = state.groups.filter((group) => wanted === null || group.state === wanted);
        return page("securityGroups", found.map(shownGroup), query, state);
    },
    [`POST ${GROUPS}`]: ({ body, failsLater }, state) => {
        const group = { ...newGroup((body as { name: string }).name), looks: state.looks, fails: failsLater };
        state.groups.push(group);
        return { status: 201, body: shownGroup(group) };
    },
    [`GET ${GROUP}`]: onGroup((group) => {
        look(group);
        return { status: 200, body: shownGroup(group) };
    }),
    [`PUT ${GROUP}`]: onGroup((group, { body }) => {
        group.name = (body as { name: string }).name;
        return { status: 200, body: shownGroup(group) };
    }),
    [`DELETE ${GROUP}`]: onGroup((group, _, state) => {
        const inUse = state.instances.some(({ groups, pending }) =>
            [...groups, ...pending.map((change) => change.group)].includes(group.id),
        );
        if (inUse || group.default) return failed(400, "The security group is in use.");
        state.groups.splice(state.groups.indexOf(group), 1);
        return { status: 204 };
    }),
    [`GET ${GROUP}/firewallRules`]: onGroup((group, { query }, state) => {
        lookAtRules(state, group);
        return page(
            "firewallRules",
            group.rules.map((rule) => shownRule(state, rule)),
            query,
            state,
        );
    }),
    [`POST ${GROUP}/authorizeFirewallRules`]: onGroup((group, { body, failsLater: fails }, state) => {
        const { rules } = body as { rules: SentRule[] };
        const problems = ruleProblems(rules);
        if (problems.length > 0) return failed(400, "Validation failed", problems);
        const { looks } = state;
        group.rules.push(
            ...rules.map((sent) => ({ ...sent, id: randomUUID(), state: "CREATING" as const, looks, fails })),
        );
        Object.assign(group, { state: "SYNCING", looks });
        return accepted;
    }),
    [`POST ${GROUP}/revokeFirewallRules`]: onGroup((group, { body }, state) => {
        const { rules: ids } = body as { rules: string[] };
        const unknown = ids.filter((id) => !group.rules.some((rule) => rule.id === id));
        if (unknown.length > 0) return failed(400, "Validation failed", [{ field: "rules", message: "unknown rule" }]);
        const { looks } = state;
        for (const rule of group.rules.filter(({ id }) => ids.includes(id)))
            Object.assign(rule, { state: "DELETING", looks });
        Object.assign(group, { state: "SYNCING", looks });
        return accepted;
    }),
    [`GET ${INSTANCE}/securityGroups`]: onInstance((instance, { query }, state) => {
        lookAtInstance(state, instance);
        const groups = instance.groups.flatMap((id) => state.groups.filter((group) => group.id === id));
        groups.forEach((group) => look(group));
        return page("securityGroups", groups.map(shownGroup), query, state);
    }),
    [`POST ${INSTANCE}/attachSecurityGroups`]: changeGroups(true),
    [`POST ${INSTANCE}/detachSecurityGroups`]: changeGroups(false),
};
