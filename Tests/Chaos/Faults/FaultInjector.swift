import Contracts
import Foundation
import GRDB
import TestSupport

/// Makes faults and ends them. Two faults never damage the same thing at once.
actor FaultInjector {
    let ground: ChaosGround
    /// What running faults damage.
    private var damaged: Set<String> = []
    /// The services that a fault keeps from running.
    private var down: Set<ServiceName> = []
    private var counts: [String: Int] = [:]
    private var failed: [String: String] = [:]

    init(_ ground: ChaosGround) { self.ground = ground }

    /// How many faults of each kind were made, by ``Fault/name``.
    var made: [String: Int] { counts }
    /// The kinds of which at least one could not be made, with the last reason.
    var failures: [String: String] { failed }

    /// Makes all faults at their times and waits for the end of the last one.
    func run(_ schedule: FaultSchedule) async {
        let begin = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for entry in schedule.entries {
                guard (try? await Task.sleep(until: begin + entry.at)) != nil else { break }
                group.addTask { await self.run(entry.fault) }
            }
        }
    }

    /// Makes one fault, waits for its duration and ends it. Does nothing while another fault damages the same.
    func run(_ fault: Fault) async {
        let target = fault.target
        guard damaged.insert(target).inserted else {
            return ground.journal.record("skipped", "\(fault): \(target) is damaged already")
        }
        defer { damaged.remove(target) }
        await run(fault, at: target)
    }

    private func run(_ fault: Fault, at target: String) async {
        let repair: FaultRepair
        do {
            ground.journal.record("fault", "\(fault)")
            repair = try await begin(fault.kind, for: fault.duration)
            counts[fault.name, default: 0] += 1
        } catch {
            failed[fault.name] = "\(error)"
            return ground.journal.record("fault-failed", "\(fault): \(error)")
        }
        try? await Task.sleep(for: fault.duration)
        // The end must not be missed, also if the broker does not respond for the moment.
        for attempt in 1...30 {
            do {
                try await repair()
                return ground.journal.record("fault-ended", fault.name)
            } catch {
                ground.journal.record("repair-failed", "\(fault), attempt \(attempt): \(error)")
                try? await Task.sleep(for: .seconds(1))
            }
        }
        failed[fault.name] = "could not be ended"
    }

    /// Starts every service that ended by itself, as a supervisor does, until the task is cancelled.
    func supervise() async {
        while !Task.isCancelled {
            await restartEnded()
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func restartEnded() async {
        for service in ServiceName.allCases where !down.contains(service) {
            guard await !ground.stack.isRunning(service) else { continue }
            ground.journal.record("restart", service.rawValue)
            try? await ground.stack.start([service])
        }
    }

    func setDown(_ service: ServiceName, _ isDown: Bool) {
        if isDown { down.insert(service) } else { down.remove(service) }
    }
}

/// Ends a fault.
typealias FaultRepair = @Sendable () async throws -> Void

extension Fault {
    /// What the fault damages. Faults of the same target exclude each other.
    var target: String {
        switch kind {
        case .killService(let service), .freezeService(let service), .stopService(let service),
            .crashService(let service), .shiftClock(let service, _):
            "service \(service)"
        case .cutConnection(let number), .pauseConnection(let number), .swallowConnection(let number):
            "connection \(number)"
        case .refuseConnections: "connections"
        case .killBroker, .freezeBroker, .restartBroker, .alarm: "broker"
        case .delete(let part): "\(part)"
        case .damageVolume(let volume, _): "volume \(volume)"
        case .lockDatabase(let database): "database \(database)"
        case .slskd: "slskd"
        }
    }
}
