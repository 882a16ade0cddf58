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

    @Test("opens after several failures in a row and then lets one request probe the server")
    func opensAndProbes() throws {
        let clock = Clock()
        let circuit = HTTPCircuit(failures: 3, pause: .seconds(10)) { clock.now }
        for _ in 0..<3 {
            try circuit.begin()
            circuit.end(.failed("away"))
        }
        let refusal = #expect(throws: HTTPCircuit.Open.self) { try circuit.begin() }
        #expect(refusal?.failures == 3)
        #expect(refusal?.reason == "away")
        clock.advance(.seconds(10))
        try circuit.begin()
        #expect(throws: HTTPCircuit.Open.self) { try circuit.begin() }
        circuit.end(.failed("still away"))
        #expect(throws: HTTPCircuit.Open.self) { try circuit.begin() }
        clock.advance(.seconds(10))
        try circuit.begin()
        circuit.end(.responded)
        try circuit.begin()
        try circuit.begin()
    }

    @Test("a response between failures and an unknown outcome leave it closed")
    func countsOnlyRows() throws {
        let circuit = HTTPCircuit(failures: 2, pause: .seconds(10))
        for outcome in [HTTPCircuit.Outcome.failed("a"), .responded, .failed("b"), .unknown, .responded, .failed("c")] {
            try circuit.begin()
            circuit.end(outcome)
        }
        try circuit.begin()
    }
}
