import Contracts
import Testing

@testable import RecoveryService

struct SweepHeartbeatTests {
    @Test func `What processes hold is known only after a lifetime of heartbeats, and from each process that lives`() {
        let heartbeats = Heartbeats(own: "recovery-a-1")
        let start = ContinuousClock.now
        for second in [0, 30, 60] { heartbeats.recordOwn(at: start + .seconds(second)) }
        heartbeats.record(status(.tag, holding: ["hdm.q.tag": 2]), at: start + .seconds(30))
        #expect(heartbeats.held(["hdm.q.tag"], at: start + .seconds(34)) == nil)
        #expect(heartbeats.held(["hdm.q.tag"], at: start + .seconds(62)) == 2)
        #expect(heartbeats.held(["hdm.q.move"], at: start + .seconds(62)) == 0)
        #expect(heartbeats.held(["hdm.q.tag"], since: start + .seconds(35), at: start + .seconds(62)) == nil)
        #expect(heartbeats.held(["hdm.q.tag"], since: start + .seconds(35), at: start + .seconds(66)) == 0)
        heartbeats.interrupt()
        #expect(heartbeats.held(["hdm.q.tag"], at: start + .seconds(66)) == nil)
    }

    @Test func `Nothing is known while the heartbeats of this process do not arrive, and for a lifetime afterwards`() {
        let heartbeats = Heartbeats(own: "recovery-a-1")
        let start = ContinuousClock.now
        for second in [0, 30] { heartbeats.recordOwn(at: start + .seconds(second)) }
        #expect(heartbeats.held(["hdm.q.tag"], at: start + .seconds(64)) == 0)
        #expect(heartbeats.held(["hdm.q.tag"], at: start + .seconds(65)) == nil)
        for second in [70, 100] { heartbeats.recordOwn(at: start + .seconds(second)) }
        #expect(heartbeats.held(["hdm.q.tag"], at: start + .seconds(104)) == nil)
        #expect(heartbeats.held(["hdm.q.tag"], at: start + .seconds(105)) == 0)
    }

    @Test func `A late heartbeat of this process shows that what the others hold is not known`() {
        let heartbeats = Heartbeats(own: "recovery-a-1")
        let start = ContinuousClock.now
        for second in [0, 30] { heartbeats.recordOwn(at: start + .seconds(second)) }
        #expect(heartbeats.held(["hdm.q.tag"], at: start + .seconds(40)) == 0)
        heartbeats.recordOwn(at: start + .seconds(41), lag: .seconds(5))
        #expect(heartbeats.held(["hdm.q.tag"], at: start + .seconds(41)) == nil)
    }

    @Test func `The gateway is ready only while every one of its processes is`() {
        let heartbeats = Heartbeats(own: "recovery-a-1")
        let start = ContinuousClock.now
        for second in [0, 30, 60] { heartbeats.recordOwn(at: start + .seconds(second)) }
        #expect(!heartbeats.isReady(.gateway, at: start + .seconds(60)))
        heartbeats.record(status(.gateway), at: start + .seconds(40))
        #expect(heartbeats.isReady(.gateway, at: start + .seconds(60)))
        heartbeats.record(status(.gateway, isReady: false), at: start + .seconds(60))
        #expect(!heartbeats.isReady(.gateway, at: start + .seconds(61)))
        heartbeats.record(status(.gateway, isPaused: true), at: start + .seconds(61))
        #expect(!heartbeats.isReady(.gateway, at: start + .seconds(62)))
    }
}

/// A heartbeat of the process `<service>-a-1`.
func status(
    _ service: ServiceName, holding held: [String: Int] = [:], isReady: Bool = true, isPaused: Bool = false,
    at time: Timestamp = .now
) -> SystemStatus {
    SystemStatus(
        service: service, instance: "\(service.rawValue)-a-1", startedAt: time, version: "1", ready: isReady,
        held: held, paused: isPaused, at: time)
}

extension Heartbeats {
    /// Records a heartbeat of this process.
    func recordOwn(at time: ContinuousClock.Instant = .now, lag: Duration = .zero) {
        let now = Timestamp.now
        record(status(.recovery, holding: ["hdm.q.recovery": 0], at: now + (.zero - lag)), at: time, now: now)
    }
}

/// Heartbeats that were received for a minute.
func listening() -> Heartbeats {
    let heartbeats = Heartbeats(own: "recovery-a-1", longestLag: .milliseconds(50))
    for second in [60, 30, 0] { heartbeats.recordOwn(at: .now - .seconds(second)) }
    return heartbeats
}

/// Sends the heartbeats of this process, of a gateway that is ready, and of others.
func beat(
    _ heartbeats: Heartbeats, _ others: @escaping @Sendable () -> [SystemStatus] = { [] }
) -> Task<Void, Never> {
    // At once, as a test may ask before the task begins.
    let send: @Sendable () -> Void = {
        heartbeats.recordOwn()
        heartbeats.record(status(.gateway, holding: ["hdm.events.gateway": 0, "hdm.q.review": 0]))
        for status in others() { heartbeats.record(status) }
    }
    send()
    return Task {
        repeat { send() } while (try? await Task.sleep(for: .milliseconds(20))) != nil
    }
}
