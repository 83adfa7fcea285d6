import * as fc from "fast-check";
import { createHostQueue } from "../../../targets/ssh";

describe("the queue of operations", () => {
    test("one at a time and in order per host, no more hosts at once than allowed, all of them done", async () => {
        await fc.assert(
            fc.asyncProperty(
                fc.scheduler(),
                fc.array(fc.record({ host: fc.constantFrom("a", "b", "c", "d"), fails: fc.boolean() }), {
                    maxLength: 20,
                }),
                fc.integer({ min: 1, max: 3 }),
                async (scheduler, operations, limit) => {
                    const queue = createHostQueue(limit);
                    const running = new Map<string, number>();
                    const done: number[] = [];
                    let most = 0;
                    const results = operations.map(({ host, fails }, index) =>
                        queue.run(host, async () => {
                            expect(running.has(host)).toBe(false);
                            running.set(host, index);
                            most = Math.max(most, running.size);
                            await scheduler.schedule(Promise.resolve());
                            running.delete(host);
                            done.push(index);
                            if (fails) throw new Error(`failed ${index}`);
                            return index;
                        }),
                    );
                    const settled = Promise.allSettled(results);
                    await scheduler.waitFor(settled);
                    expect(most).toBeLessThanOrEqual(limit);
                    for (const host of ["a", "b", "c", "d"]) {
                        const order = done.filter((index) => operations[index]?.host === host);
                        expect(order).toEqual([...order].sort((x, y) => x - y));
                    }
                    expect((await settled).map(({ status }) => status)).toEqual(
                        operations.map(({ fails }) => (fails ? "rejected" : "fulfilled")),
                    );
                },
            ),
        );
    });

    test("different hosts do run at once", async () => {
        const queue = createHostQueue(2);
        let meet: () => void = () => undefined;
        const met = new Promise<void>((resolve) => (meet = resolve));
        await Promise.all([queue.run("a", () => met), queue.run("b", async () => meet())]);
    });

    test("a task that throws at once fails like any other", async () => {
        const queue = createHostQueue();
        const wrong = () => {
            throw new Error("at once");
        };
        await expect(queue.run("a", wrong)).rejects.toThrow("at once");
        await expect(queue.run("a", () => Promise.resolve(1))).resolves.toBe(1);
    });
});
