import type { Fault } from "./faults";
import type { FieldProblem } from "./document";
import type { Reply } from "./login";
import { addressProblems, countOf, effectiveRules, implicitRule } from "./rules";
import {
    defaultPolicies,
    heldBy,
    type PanelState,
    type SimulatedFirewall,
    type SimulatedNic,
    type SimulatedPolicy,
    type SimulatedRule,
    type SimulatedServer,
} from "./state";
import { begin, isBusy, look, type NewTask, shown } from "./tasks";
import { running } from "./faults";

/** A request that fits the document. */
export interface Request {
    readonly parameters: Readonly<Record<string, string>>;
    readonly query: URLSearchParams;
    readonly body: unknown;
}

export interface Surroundings {
    readonly state: PanelState;
    /** How a task begun by this request goes. */
    readonly task: Extract<Fault, { kind: "task" }>;
    readonly looks: number;
    /** The most that a page holds, whatever is asked for. */
    readonly largestPage: number;
}

type Handler = (request: Request, around: Surroundings) => Reply;

interface PolicySave {
    readonly name: string;
    readonly description?: string;
    readonly rules?: SimulatedRule[];
}

interface FirewallSave {
    readonly copiedPolicies: readonly { readonly id: number }[];
    readonly userPolicies: readonly { readonly id: number }[];
    readonly active?: boolean;
}

const notFound = (what: string): Reply => ({
    status: 404,
    body: { code: "entity.not.found", message: `${what} not found` },
});
export const invalid = (errors: readonly FieldProblem[], status = 422): Reply => ({
    status,
    body: { code: "validation.error", message: "The request is not valid.", errors },
});
const busy = (): Reply => {
    const { status, body } = running() as Extract<Fault, { kind: "answer" }>;
    return { status, body };
};

function pageOf<T>(all: readonly T[], query: URLSearchParams, { largestPage }: Surroundings): readonly T[] {
    const offset = Number(query.get("offset") ?? 0);
    const limit = Math.min(Number(query.get("limit") ?? largestPage), largestPage);
    return all.slice(offset, offset + limit);
}

const shownRule = (rule: SimulatedRule) => ({
    ...rule,
    description: rule.description ?? null,
    sources: rule.sources ?? [],
    sourcePorts: rule.sourcePorts ?? null,
    destinations: rule.destinations ?? [],
    destinationPorts: rule.destinationPorts ?? null,
    numberOfEffectiveRules: effectiveRules(rule),
});
const shownPolicy = ({ rules, ...policy }: SimulatedPolicy) => ({ ...policy, rules: rules.map(shownRule) });
const serverRow = ({ id, name, hostname, nickname }: SimulatedServer) => ({
    id,
    name,
    hostname,
    nickname,
    disabled: false,
    template: null,
});

function startTask(state: PanelState, around: Surroundings, task: Pick<NewTask, "name" | "finish" | "rollBack">) {
    const { end, reasonIn = "message", looks = around.looks } = around.task;
    return shown(begin(state, { ...task, end, reasonIn, looks }));
}

const serverOf = (state: PanelState, { parameters }: Request) =>
    state.servers.find(({ id }) => id === Number(parameters["serverId"]));

/** The firewall that a path leads to, or what the panel says instead. */
function firewallOf(state: PanelState, request: Request): { nic: SimulatedNic; own: SimulatedFirewall } | Reply {
    const server = serverOf(state, request);
    if (!server) return notFound("Server");
    const nic = server.nics.find(({ mac }) => mac === request.parameters["mac"]?.toLowerCase());
    if (!nic) return notFound("Interface");
    const vlan = { code: "firewall.cloud.vlan.not.supported", message: "VLAN interfaces have no firewall." };
    if (nic.vlan) return { status: 422, body: vlan };
    return nic.firewall ? { nic, own: nic.firewall } : notFound("Firewall");
}

/** A change of one interface, as a task that brings it to the server or takes it back. */
function changeNic(
    request: Request,
    around: Surroundings,
    change: (nic: SimulatedFirewall) => Reply | undefined,
): Reply {
    const { state } = around;
    const found = firewallOf(state, request);
    if ("status" in found) return found;
    const { own } = found;
    if (isBusy(state)) return busy();
    const before = structuredClone(own);
    const refusal = change(own);
    if (refusal) return refusal;
    const finish = () => (own.applied = heldBy(state, own));
    const rollBack = () => Object.assign(own, before);
    return { status: 202, body: startTask(state, around, { name: "ServerFirewallConfigureTask", finish, rollBack }) };
}

function refusePolicy({ rules = [] }: PolicySave): Reply | undefined {
    const problems = addressProblems(rules);
    if (problems.length > 0) return invalid(problems);
    const tooMany = { code: "firewall.policy.too.many.rules", message: "A policy has 500 rules at most." };
    return countOf(rules) > 500 ? { status: 400, body: tooMany } : undefined;
}

/** Paths of the account; any other account's are unknown. */
const ofUser =
    (handler: Handler): Handler =>
    (request, around) =>
        Number(request.parameters["userId"]) === around.state.userId ? handler(request, around) : notFound("User");

const onPolicy = (handler: (policy: SimulatedPolicy, request: Request, around: Surroundings) => Reply): Handler =>
    ofUser((request, around) => {
        const policy = around.state.policies.find(({ id }) => id === Number(request.parameters["id"]));
        return policy ? handler(policy, request, around) : notFound("FirewallPolicy");
    });

const users = (state: PanelState, policy: SimulatedPolicy) =>
    state.servers.flatMap(({ nics }) => nics).filter(({ firewall }) => firewall?.user.includes(policy.id));

const POLICIES = "/api/v1/users/{userId}/firewall-policies";
const NIC = "/api/v1/servers/{serverId}/interfaces/{mac}/firewall";

/** What each operation of the document does. */
export const handlers: Readonly<Record<string, Handler>> = {
    "GET /api/v1/servers": ({ query }, around) => {
        const ip = query.get("ip");
        const policy = query.get("firewallPolicyId");
        const found = around.state.servers.filter(({ nics }) => {
            // As loose as a filter may be: an address by how it begins, a prefix by its first three parts.
            const near = (own: string) => ip!.startsWith(own.replace(/::$/, "")) || own.startsWith(ip!);
            if (ip !== null && !nics.some(({ ipv4, ipv6 }) => [...ipv4, ...ipv6].some(near))) return false;
            return policy === null || nics.some(({ firewall }) => firewall?.user.includes(Number(policy)));
        });
        return { status: 200, body: pageOf(found, query, around).map(serverRow) };
    },
    "GET /api/v1/servers/{serverId}": (request, { state }) => {
        const server = serverOf(state, request);
        if (!server) return notFound("Server");
        const { nics, live } = server;
        const interfaces = nics.map(({ mac, vlan }) => ({ mac, vlanInterface: vlan }));
        const withLive = live && request.query.get("loadServerLiveInfo") !== "false";
        const body = {
            ...serverRow(server),
            ipv4Addresses: nics.flatMap(({ ipv4 }) => ipv4.map((ip) => ({ ip }))),
            ipv6Addresses: nics.flatMap(({ ipv6 }) =>
                ipv6.map((networkPrefix) => ({ networkPrefix, networkPrefixLength: 64 })),
            ),
            serverLiveInfo: withLive ? { interfaces } : null,
        };
        return { status: 200, body };
    },
    "GET /api/v1/servers/{serverId}/interfaces": (request, { state }) => {
        const server = serverOf(state, request);
        if (!server) return notFound("Server");
        const body = server.nics.map(({ mac, ipv4, ipv6 }) => ({
            mac,
            driver: "VIRTIO",
            speedInMBits: 2500,
            ipv4Addresses: ipv4.map((ip) => ({ ip })),
            ipv6Addresses: ipv6.map((networkPrefix) => ({ networkPrefix })),
        }));
        return { status: 200, body };
    },
    [`GET ${NIC}`]: (request, { state }) => {
        const found = firewallOf(state, request);
        if ("status" in found) return found;
        const { own } = found;
        const held = own.user.flatMap((id) => state.policies.filter((policy) => policy.id === id));
        const body = {
            copiedPolicies: own.copied.map(shownPolicy),
            userPolicies: held.map(shownPolicy),
            ingressImplicitRule: implicitRule("INGRESS", own.active, held),
            egressImplicitRule: implicitRule("EGRESS", own.active, held),
            active: own.active,
            consistent: request.query.get("consistencyCheck") === "true" ? own.applied === heldBy(state, own) : null,
        };
        return { status: 200, body };
    },
    [`PUT ${NIC}`]: (request, around) =>
        changeNic(request, around, (own) => {
            const { copiedPolicies, userPolicies, active = true } = request.body as FirewallSave;
            const user = userPolicies.map(({ id }) => id);
            const copied = copiedPolicies.map(({ id }) => own.copied.find((policy) => policy.id === id));
            const unknown = user.filter((id) => !around.state.policies.some((policy) => policy.id === id));
            if (unknown.length > 0) return invalid([{ field: "userPolicies", message: `${unknown} unknown` }]);
            if (copied.includes(undefined)) return invalid([{ field: "copiedPolicies", message: "unknown id" }]);
            Object.assign(own, { copied, user, active });
            return undefined;
        }),
    [`POST ${NIC}:reapply`]: (request, around) => changeNic(request, around, () => undefined),
    [`POST ${NIC}:restore-copied-policies`]: (request, around) =>
        changeNic(request, around, (own) => {
            const missing = defaultPolicies(around.state).filter(
                ({ name }) => !own.copied.some((c) => c.name === name),
            );
            own.copied.push(...missing);
            return undefined;
        }),
    "GET /api/v1/tasks/{uuid}": ({ parameters }, { state }) => {
        const task = state.tasks.find(({ uuid }) => uuid === parameters["uuid"]);
        if (!task) return notFound("Task");
        look(task);
        return { status: 200, body: shown(task) };
    },
    [`GET ${POLICIES}`]: ofUser(({ query }, around) => {
        const q = query.get("q")?.toLowerCase() ?? "";
        const found = around.state.policies.filter(({ name, description }) =>
            `${name}\n${description ?? ""}`.toLowerCase().includes(q),
        );
        const summaries = found.map(({ id, name, description }) => ({ id, name, description }));
        return { status: 200, body: pageOf(summaries, query, around) };
    }),
    [`POST ${POLICIES}`]: ofUser(({ body }, { state }) => {
        const save = body as PolicySave;
        const refusal = refusePolicy(save);
        if (refusal) return refusal;
        const { name, description = null, rules = [] } = save;
        const policy = { id: state.nextId++, name, description, rules };
        state.policies.push(policy);
        const location = `/scp-core/api/v1/users/${state.userId}/firewall-policies/${policy.id}`;
        return { status: 201, body: shownPolicy(policy), headers: { location } };
    }),
    [`GET ${POLICIES}/{id}`]: onPolicy((policy) => ({ status: 200, body: shownPolicy(policy) })),
    [`PUT ${POLICIES}/{id}`]: onPolicy((policy, { body }, around) => {
        const { state } = around;
        const save = body as PolicySave;
        const refusal = refusePolicy(save);
        if (refusal) return refusal;
        if (isBusy(state)) return busy();
        const before = structuredClone(policy);
        const { name, description = null, rules = [] } = save;
        Object.assign(policy, { name, description, rules });
        const finish = () => {
            for (const { firewall } of users(state, policy)) firewall!.applied = heldBy(state, firewall!);
        };
        const rollBack = () => Object.assign(policy, before);
        const taskInfo = startTask(state, around, { name: "FirewallPolicyUpdateTask", finish, rollBack });
        return { status: 202, body: { firewallPolicy: shownPolicy(policy), taskInfo } };
    }),
    [`DELETE ${POLICIES}/{id}`]: onPolicy((policy, _, { state }) => {
        const inUse = { code: "firewall.policy.in.use", message: "The policy is used by a server." };
        if (users(state, policy).length > 0) return { status: 422, body: inUse };
        state.policies.splice(state.policies.indexOf(policy), 1);
        return { status: 204 };
    }),
};
