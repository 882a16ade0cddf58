import Contracts
import Testing

@testable import ServiceKit

struct MonitoredJobPolicyTests {
    @Test func `The pause doubles with each search up to the longest, ten per cent more or less`() {
        let policy = MonitoredJobPolicy(first: .seconds(100), most: .seconds(1000))
        for (tries, whole) in [(1, 100), (2, 200), (3, 400), (4, 800), (5, 1000), (60, 1000), (Int.max, 1000)] {
            let pauses = (0..<200).map { _ in policy.pause(after: tries) / .seconds(1) }
            #expect(pauses.allSatisfy { (0.9...1.1).contains($0 / Double(whole)) })
            #expect(pauses.contains { $0 < Double(whole) } && pauses.contains { $0 > Double(whole) })
        }
        #expect((90.0...110.0).contains(policy.pause(after: Int.min) / .seconds(1)))
        // A first pause that is longer than the longest is used.
        let odd = MonitoredJobPolicy(first: .seconds(500), most: .seconds(10))
        #expect(odd.pause(after: 9) >= .seconds(450))
    }

    @Test(
        arguments: [
            // A new release, one of two months, of ten years, and one of the next three days.
            ("2026-11-30", 9, 1.0), ("2026-10-02", 9, 28.8), ("2016", 9, 168.0), ("2016", 1, 6.0), ("2026-12", 9, 1.0),
            ("2026-12-04", 9, 72.0), ("2026-12-04", 1, 6.0), ("soon", 9, 168.0),
        ])
    func `A new release is searched for more often than an old one`(
        _ date: String, _ tries: Int, _ hours: Double
    ) throws {
        var track = JobDocument.sample().track
        track.releaseDate = date
        let now = try #require(Timestamp("2026-12-01T00:00:00Z"))
        let pauses = (0..<50).map { _ in
            MonitoredJobPolicy().pause(after: tries, age: track.age(at: now)) / .seconds(3600)
        }
        #expect(pauses.allSatisfy { (0.89...1.11).contains($0 / hours) }, "\(pauses)")
    }

    @Test func `The settings have their defaults and their limits`() throws {
        let standard = try MonitoredJobPolicy(Settings(environment: [:]))
        #expect(standard == MonitoredJobPolicy(first: .seconds(21_600), most: .seconds(604_800)))
        let own = try MonitoredJobPolicy(
            Settings(environment: ["HDM_STANDING_FIRST_S": "60", "HDM_STANDING_MAX_S": "3600"]))
        #expect(own == MonitoredJobPolicy(first: .seconds(60), most: .seconds(3600), new: .seconds(60)))
        #expect(throws: SettingsError.self) {
            try MonitoredJobPolicy(Settings(environment: ["HDM_STANDING_FIRST_S": "0"]))
        }
    }

    @Test func `Only a monitored job is rescheduled, and only when no source offers the recording`() {
        var job = JobDocument.sample()
        #expect(!job.isRescheduled(for: .noMatch, at: .match))
        job.standing = true
        let allowed = Stage.allCases.flatMap { stage in
            ErrorCode.allCases.filter { job.isRescheduled(for: $0, at: stage) }.map { "\(stage).\($0.rawValue)" }
        }
        let always = Stage.allCases.flatMap { ["\($0).no_match", "\($0).no_source"] }
        #expect(Set(allowed) == Set(always + ["download.timeout", "download.verification_failed"]))
        job.standing = false
        #expect(!job.isRescheduled(for: .noMatch, at: .match))
    }

    @Test func `A rescheduled job starts from the beginning with new transfers`() {
        var job = JobDocument.sample()
        let candidate = Candidate(source: "slskd", user: "anna", path: "a.flac", size: 5, score: 1)
        job.match = MatchSection(score: 1, components: [:], candidates: [candidate])
        job.transfer = TransferSection(
            round: 3, failedCandidates: [.init(user: "anna", key: candidate.key, code: "refused")])
        let next = job.rescheduled()
        #expect(next.standingTries == 1 && next.rescheduled().standingTries == 2)
        #expect(next.match == nil && next.transfer?.round == 4 && next.transfer?.failedCandidates.isEmpty == true)
        #expect(next.track == job.track && next.jobID == job.jobID)
    }
}
