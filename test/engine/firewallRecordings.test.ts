import { describeLab } from "../lab";
import { firewallStories } from "./scenarios/firewall";
import { compareWithRecordings } from "./support/compare";

describeLab("the embedded engine does what the real engine was recorded doing, on real hosts", () => {
    compareWithRecordings(firewallStories);
});
