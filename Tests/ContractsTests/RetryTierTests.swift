import Contracts
import Testing

@Suite struct RetryTierTests {
    @Test(arguments: [
        (Duration.zero, RetryTier.s1), (.milliseconds(999), .s1), (.seconds(1), .s1), (.milliseconds(1001), .s5),
        (.seconds(16), .m1), (.seconds(300), .m5), (.seconds(3601), .h6), (.seconds(86_400), .h6), (.seconds(-5), .s1),
    ])
    func `the shortest sufficient tier is chosen, at most the longest`(_ delay: Duration, _ tier: RetryTier) {
        #expect(RetryTier.covering(delay) == tier)
    }

    @Test(arguments: [
        (Duration.zero, RetryTier.s1), (.milliseconds(500), .s1), (.seconds(30), .s15), (.seconds(50), .m1),
        (.seconds(600), .m5), (.seconds(3300), .h1), (.seconds(3960), .h1), (.seconds(18_000), .h6),
        (.seconds(86_400), .h6),
    ])
    func `a job that is due at a time returns about then, and not hours later`(_ delay: Duration, _ tier: RetryTier) {
        #expect(RetryTier.within(delay) == tier)
    }

    @Test(arguments: [
        (-1, ".lo"), (0, ".lo"), (2, ".lo"), (3, ""), (6, ""), (7, ".hi"), (9, ".hi"), (99, ".hi"),
    ])
    func `priorities fall into three classes`(_ priority: Int, _ suffix: String) {
        #expect(PriorityClass(priority).suffix == suffix)
        #expect(RoutingKey.job(.tag, priority: priority) == "job.tag\(suffix)")
    }
}
