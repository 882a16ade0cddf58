import Foundation
import Testing

@testable import AudioSources

@Suite("The machine of a transfer: random schedules")
struct TransferSimulationTests {
    /// `HDM_SIMULATION_SCHEDULES` sets another number, `HDM_SIMULATION_SEED` repeats a run.
    private static func setting(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test("Every schedule ends, with one running transfer at most, and no rule is broken")
    func schedules() async {
        let first = Self.setting("HDM_SIMULATION_SEED") ?? UInt64(Date().timeIntervalSince1970 * 1000)
        let count = Self.setting("HDM_SIMULATION_SCHEDULES") ?? 10_000
        print("transfer schedules: HDM_SIMULATION_SEED=\(first) HDM_SIMULATION_SCHEDULES=\(count)")
        let parts: UInt64 = 2
        let results = await withTaskGroup(of: (problems: [String], endings: [String: Int]).self) { group in
            for part in 0..<parts {
                group.addTask { await Self.run(stride(from: first + part, to: first + count, by: Int(parts))) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let problems = results.flatMap(\.problems)
        #expect(problems.isEmpty, "\(problems.count) problems, such as \(problems.prefix(5))")
        let endings = results.reduce(into: [:]) { sum, part in sum.merge(part.endings, uniquingKeysWith: +) }
        // Schedules that all end in the same way would prove little.
        #expect(endings["acquired", default: 0] > Int(count) / 4 && endings.count >= 4, "\(endings)")
    }

    private static func run(_ seeds: StrideTo<UInt64>) async -> (problems: [String], endings: [String: Int]) {
        var (problems, endings): ([String], [String: Int]) = ([], [:])
        for seed in seeds {
            var simulation = TransferSimulation(seed: seed)
            simulation.run()
            problems += simulation.problems.map { "seed \(seed): \($0)" }
            endings[simulation.ending, default: 0] += 1
            // The other tests wait for the same threads.
            await Task.yield()
        }
        return (problems, endings)
    }
}
