import Contracts
import Testing

@testable import ServiceKit

struct RetryPolicyTests {
    @Test func `The pause doubles with every attempt and stops growing at six hours`() {
        let policy = RetryPolicy(maxAttempts: 100, base: .seconds(5), jitter: 0)
        #expect((1...4).map { policy.delay(after: $0) } == [.seconds(5), .seconds(10), .seconds(20), .seconds(40)])
        #expect(policy.delay(after: 13) == .seconds(20_480))
        for attempt in [14, 50, Int.max] { #expect(policy.delay(after: attempt) <= .seconds(21_600)) }
        #expect(RetryPolicy(base: .seconds(21_600), jitter: 0).delay(after: 99) == .seconds(21_600))
    }

    @Test(arguments: [0, -1, Int.min])
    func `An invalid attempt number counts as the first`(_ attempt: Int) {
        #expect(RetryPolicy(base: .seconds(5), jitter: 0).delay(after: attempt) == .seconds(5))
    }

    @Test func `Jitter stays within its share in both directions`() {
        let policy = RetryPolicy(base: .seconds(100), jitter: 0.2)
        let pauses = (0..<500).map { _ in policy.delay(after: 1) }
        #expect(pauses.allSatisfy { (.seconds(80) ... .seconds(120)).contains($0) })
        #expect(pauses.contains { $0 < .seconds(95) })
        #expect(pauses.contains { $0 > .seconds(105) })
        let whole = RetryPolicy(base: .seconds(100), jitter: 1)
        #expect((0..<500).allSatisfy { _ in (.zero ... .seconds(200)).contains(whole.delay(after: 1)) })
    }

    @Test func `A provider's request is honoured when it is longer, up to a week`() {
        let policy = RetryPolicy(base: .seconds(5), jitter: 0)
        #expect(policy.delay(after: 1, atLeast: .seconds(3)) == .seconds(5))
        #expect(policy.delay(after: 1, atLeast: .seconds(30)) == .seconds(30))
        #expect(policy.delay(after: 1, atLeast: .seconds(86_400)) == .seconds(86_400))
        #expect(policy.delay(after: 1, atLeast: .seconds(Int64.max)) == .seconds(7 * 86_400))
        #expect(policy.delay(after: 1, atLeast: .seconds(-1)) == .seconds(5))
    }

    @Test func `The budget counts the first attempt`() {
        let policy = RetryPolicy(maxAttempts: 3)
        #expect((1...4).map { policy.allowsAnother(after: $0) } == [true, true, false, false])
        #expect(!RetryPolicy(maxAttempts: 1).allowsAnother(after: 1))
    }
}
