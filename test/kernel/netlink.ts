import { readSync, writeSync } from "node:fs";

/** The few things of a table of nftables that have to be asked often, over a netlink socket that is open already. */
export interface ProbeTable {
    /** The 16-bit keys in a set, each once. */
    keys(set: string): Set<number>;
    /** Packets counted. */
    count(counter: string): number;
}

// linux/netfilter/nf_tables.h and nfnetlink.h
const NFTABLES = 10 << 8;
const [GETSETELEM, GETOBJ] = [NFTABLES | 13, NFTABLES | 19];
const [REQUEST, DUMP] = [1, 0x300];
const [ERROR, DONE] = [2, 3];
const INET = 1;
const COUNTER = Buffer.from([0, 0, 0, 1]);

export function openProbeTable(socket: number, table: string): ProbeTable {
    const buffer = Buffer.alloc(1 << 18);
    const name = attribute(1, text(table));
    const send = (request: Buffer) => writeSync(socket, request);

    /** Hands every message of an answer to `take` until one of them ends it. */
    function receive(take: (type: number, attributes: Buffer) => boolean): void {
        for (;;) {
            const length = readSync(socket, buffer);
            for (let at = 0; at < length;) {
                const size = buffer.readUInt32LE(at);
                const type = buffer.readUInt16LE(at + 4);
                const code = type === ERROR ? buffer.readInt32LE(at + 16) : 0;
                if (code !== 0) throw new Error(`nftables answers with error ${-code}`);
                if (type === ERROR || type === DONE || take(type, buffer.subarray(at + 20, at + size))) return;
                at += (size + 3) & ~3;
            }
        }
    }

    return {
        keys(set) {
            send(message(GETSETELEM, REQUEST | DUMP, name, attribute(2, text(set))));
            const keys = new Set<number>();
            receive((_, attributes) => {
                const elements = find(attributes, 3);
                if (elements)
                    for (const element of each(elements)) keys.add(find(find(element, 1)!, 1)!.readUInt16BE());
                return false;
            });
            return keys;
        },
        count(counter) {
            send(message(GETOBJ, REQUEST, name, attribute(2, text(counter)), attribute(3, COUNTER)));
            let packets: bigint | undefined;
            receive((_, attributes) => {
                packets = find(find(attributes, 4)!, 2)!.readBigUInt64BE();
                return true;
            });
            return Number(packets);
        },
    };
}

const text = (value: string) => Buffer.from(`${value}\0`);

function message(type: number, flags: number, ...attributes: readonly Buffer[]): Buffer {
    const body = Buffer.concat(attributes);
    const head = Buffer.alloc(20);
    head.writeUInt32LE(head.length + body.length, 0);
    head.writeUInt16LE(type, 4);
    head.writeUInt16LE(flags, 6);
    head.writeUInt8(INET, 16);
    return Buffer.concat([head, body]);
}

function attribute(type: number, value: Buffer): Buffer {
    const padded = Buffer.alloc((4 + value.length + 3) & ~3);
    padded.writeUInt16LE(4 + value.length, 0);
    padded.writeUInt16LE(type, 2);
    value.copy(padded, 4);
    return padded;
}

function* each(attributes: Buffer): Generator<Buffer> {
    for (let at = 0; at + 4 <= attributes.length;) {
        const size = attributes.readUInt16LE(at);
        yield attributes.subarray(at + 4, at + size);
        at += (size + 3) & ~3;
    }
}

/** The value of the first attribute of this type. The two highest bits of a type are flags. */
function find(attributes: Buffer, wanted: number): Buffer | undefined {
    for (let at = 0; at + 4 <= attributes.length;) {
        const size = attributes.readUInt16LE(at);
        if ((attributes.readUInt16LE(at + 2) & 0x3fff) === wanted) return attributes.subarray(at + 4, at + size);
        at += (size + 3) & ~3;
    }
    return undefined;
}
