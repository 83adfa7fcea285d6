import { describeLab, type Lab, type LabHost, openLab } from "../../lab";
import { sideBySide } from "../../support/sideBySide";
import type { Manager } from "./managers";
import { mustRun } from "./managers";
import { addRedHatHost, REDHAT_MANAGERS } from "./redhatHost";
import { BACKENDS, type Backend, takenOver } from "./takenOver";

// A machine without the userland makes it first.
jest.setTimeout(300_000);

describeLab("EA-44: a host with the paths and units of the Red Hat family", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await openLab();
    });
    afterAll(() => lab.close());

    const combinations = BACKENDS.flatMap((backend) => REDHAT_MANAGERS.map((manager) => [manager, backend] as const));
    sideBySide(
        Object.fromEntries(
            combinations.map(([manager, backend]) => [
                `${manager.name} is named, switched off by takeover, and on again by a destroy: ${backend}`,
                () => taken(manager, backend),
            ]),
        ),
    );

    async function taken(manager: Manager, backend: Backend): Promise<void> {
        const host: LabHost = await addRedHatHost(lab, `${manager.name}-${backend}`);
        await mustRun(host, manager.start);
        await host.listen(443);
        // Root by sudo, which has another PATH, and bash reads what is sent.
        await takenOver(lab, manager, host, backend, { user: "deploy" });
        await host.stop();
    }
});
