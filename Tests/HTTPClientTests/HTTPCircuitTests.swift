import HTTPClient
import Synchronization
import Testing

@Suite("The circuit breaker")
struct HTTPCircuitTests {
    private final class Clock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func advance(_ span: Duration) { time.withLock { $0 += span } }
    }

    @Test("opens after failures in a row, and lets one request find out")
    func opensAndProbes() throws {
        let clock = Clock()
        let circuit = HTTPCircuit(failures: 3, pause: .seconds(10)) { clock.now }
        for _ in 0..<3 {
            try circuit.enter()
            circuit.leave(.failed("away"))
        }
        let refusal = #expect(throws: HTTPCircuit.Open.self) { try circuit.enter() }
        #expect(refusal?.failures == 3)
        #expect(refusal?.reason == "away")
        clock.advance(.seconds(10))
        try circuit.enter()
        #expect(throws: HTTPCircuit.Open.self) { try circuit.enter() }
        circuit.leave(.failed("still away"))
        #expect(throws: HTTPCircuit.Open.self) { try circuit.enter() }
        clock.advance(.seconds(10))
        try circuit.enter()
        circuit.leave(.answered)
        try circuit.enter()
        try circuit.enter()
    }

    @Test("an answer between failures, and a request whose end says nothing, keep it shut")
    func countsOnlyRows() throws {
        let circuit = HTTPCircuit(failures: 2, pause: .seconds(10))
        for outcome in [HTTPCircuit.Outcome.failed("a"), .answered, .failed("b"), .unknown, .answered, .failed("c")] {
            try circuit.enter()
            circuit.leave(outcome)
        }
        try circuit.enter()
    }
}
