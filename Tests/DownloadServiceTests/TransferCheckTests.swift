import Contracts
import Foundation
import Testing

@testable import DownloadService

@Suite("Values of job documents that the download stage cannot use")
struct TransferCheckTests {
    private static let now = Timestamp(Date(timeIntervalSince1970: 1_800_000_000))

    private static func job(size: Int64 = 1000, _ change: (inout TransferSection) -> Void = { _ in }) -> JobDocument {
        var job = JobDocument(track: Track(artist: "Band", title: "Song"))
        let candidate = Candidate(source: "slskd", user: "anna", path: "a.flac", size: size, score: 1)
        job.match = MatchSection(score: 1, components: [:], candidates: [candidate])
        var section = TransferSection()
        change(&section)
        job.transfer = section
        return job
    }

    private func violation(of job: JobDocument) -> JobError? {
        do throws(JobError) {
            try job.checkTransfer(at: Self.now)
            return nil
        } catch {
            return error
        }
    }

    @Test("A size that no file has is refused with its place", arguments: [0, -1, .min, .max, 1 << 41])
    func sizes(_ size: Int64) throws {
        let error = try #require(violation(of: Self.job(size: size)))
        #expect(error.code == .invalidPayload)
        #expect(error.message.hasPrefix("/match/candidates/0/size is \(size) and must be 1 to "))
    }

    @Test("A round that cannot be counted on is refused", arguments: [0, -1, .min, .max])
    func rounds(_ round: Int) throws {
        let error = try #require(violation(of: Self.job { $0.round = round }))
        #expect(error.message.hasPrefix("/transfer/round is \(round) "))
    }

    @Test("A beginning before this century or in the future is refused")
    func since() {
        for time in ["0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
            #expect(violation(of: Self.job { $0.since = Timestamp(time) })?.code == .invalidPayload, "\(time)")
        }
        #expect(violation(of: Self.job { $0.since = Self.now + .seconds(3600) }) == nil)
        #expect(violation(of: Self.job { $0.since = Self.now + .seconds(-60 * 86_400) }) == nil)
    }

    @Test("Forty failed candidates with long texts are usual, and more are refused")
    func failedCandidates() {
        func job(_ count: Int) -> JobDocument {
            Self.job { section in
                section.failedCandidates = (0..<count).map { number in
                    let key = CandidateKey(path: String(repeating: "p", count: 4000), size: Int64(number))
                    return .init(user: "u\(number)", key: key, code: String(repeating: "c", count: 4000))
                }
            }
        }
        #expect(violation(of: job(40)) == nil)
        #expect(violation(of: job(41))?.code == .invalidPayload)
        let choice = CandidateChoice(job(40), requeues: .max)
        #expect(choice.ordered(job(40).match?.candidates ?? []).count == 1)
    }
}
