import Testing

/// A seed repeats a run.
struct FaultScheduleTests {
    private let plan = FaultSchedule.Plan(seed: 7, length: .seconds(600), longest: .seconds(30))

    @Test func `the same seed gives the same faults and the same requests`() {
        #expect(FaultSchedule(plan) == FaultSchedule(plan))
        #expect(Workload(seed: 7, jobs: 500) == Workload(seed: 7, jobs: 500))
        #expect(FaultSchedule(plan) != FaultSchedule(.init(seed: 8, length: .seconds(600), longest: .seconds(30))))
    }

    @Test func `there is about one fault a second and each ends within the run`() throws {
        let entries = FaultSchedule(plan).entries
        #expect((500...700).contains(entries.count))
        #expect(entries.allSatisfy { $0.at + $0.fault.duration <= .seconds(600) })
        #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.at < $1.at })
    }

    @Test func `a long schedule contains every kind of fault`() {
        let names = Set(FaultSchedule(plan).entries.map(\.fault.name))
        #expect(names.count == 17, "\(names.sorted())")
    }

    @Test func `a workload contains every kind of request`() {
        let requests = Workload(seed: 7, jobs: 500).requests
        #expect(Set(requests.map(\.kind)).count == Workload.Kind.allCases.count)
        #expect(requests.contains { $0.isForeign } && requests.contains { !$0.repeats.isEmpty })
        #expect(requests.contains { $0.cancelledAt != nil } && requests.contains { $0.requeues > 0 })
    }
}
