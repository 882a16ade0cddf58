import Contracts
import TestSupport

/// The faults of a run and their times. The same seed gives the same schedule.
struct FaultSchedule: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        /// Since the beginning of the run.
        var at: Duration
        var fault: Fault
    }

    var entries: [Entry]

    /// What a schedule is generated from.
    struct Plan: Sendable {
        var seed: UInt64
        var length: Duration
        /// The mean time between two faults.
        var pause: Duration = .seconds(1)
        /// The longest time that a service or the broker stays frozen. Other faults are at most a third of it.
        var longest: Duration
        /// Faults that this machine cannot make, by ``Fault/name``.
        var excluded: Set<String> = []
    }

    init(_ plan: Plan) {
        var lottery = FaultLottery(seed: plan.seed, longest: plan.longest)
        entries = []
        var time = plan.pause
        // The last faults end within the run.
        while time + plan.longest < plan.length || entries.isEmpty {
            let fault = lottery.draw()
            if !plan.excluded.contains(fault.name) { entries.append(Entry(at: time, fault: fault)) }
            time += lottery.pause(around: plan.pause)
        }
    }
}
