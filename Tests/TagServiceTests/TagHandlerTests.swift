import AudioFiles
import Contracts
import Crypto
import Fakes
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import TagService

@Suite struct `Tag handler` {
    @Test func `a tagged copy is the job's next section`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try TagFixture(folder, .opus)
            guard case .completed(let job, let data) = try await fixture.handle() else { throw TagResult.NotTagged() }
            #expect(job.tag?.codec == "opus")
            #expect(job.download == fixture.job.download)
            #expect(data == ["codec": "opus"])
        }
    }

    @Test func `a truncated file is refused`() async throws {
        try await withTemporaryFolder { folder in
            var fixture = try TagFixture(folder, .flac)
            try fixture.replaceSource(with: try Data(contentsOf: AudioFixture.flac.url).dropLast(3000))
            let failure = try await fixture.failure()
            #expect(failure?.code == .verificationFailed)
            #expect(try fixture.names() == ["source.flac"])
        }
    }

    @Test(arguments: [
        (Data(), ErrorCode.verificationFailed), (Data("<html>busy</html>".utf8), .verificationFailed),
        (Data([0x1A, 0x45, 0xDF, 0xA3]) + Data(repeating: 0, count: 4000), .unsupportedFormat),
    ])
    func `content that cannot be tagged is refused with a code for its kind`(bytes: Data, code: ErrorCode) async throws
    {
        try await withTemporaryFolder { folder in
            var fixture = try TagFixture(folder, .flac)
            try fixture.replaceSource(with: bytes)
            #expect(try await fixture.failure()?.code == code)
        }
    }

    @Test func `a file of another length is refused`() async throws {
        try await withTemporaryFolder { folder in
            var fixture = try TagFixture(folder, .flac)
            fixture.job.track.durationMS = 17_500
            let failure = try await fixture.failure()
            #expect(failure?.code == .verificationFailed)
            #expect(failure?.message.contains("2 s long and 18 s were wanted") == true)
            for near in [nil, 0, 10_500] {
                fixture.job.track.durationMS = near
                #expect(try await fixture.failure() == nil)
            }
        }
    }

    @Test
    func `a file of another length that a person approved is tagged, unless it is not the file that was announced`()
        async throws
    {
        try await withTemporaryFolder { folder in
            var fixture = try TagFixture(folder, .flac)
            fixture.job.track.durationMS = 17_500
            let file = fixture.comesFrom("anna", announced: 2_000)
            guard case .restart(_, let refused, _) = try await fixture.handle() else { throw TagResult.NotTagged() }
            // The peer announced nothing else, so it is not blamed.
            #expect(refused.transfer?.failedCandidates.map(\.code) == ["other_duration"])
            #expect(refused.transfer?.mislabelledFiles == [])
            fixture.job.verdicts = Verdicts(approved: [file.key])
            guard case .completed = try await fixture.handle() else { throw TagResult.NotTagged() }
            fixture.comesFrom("anna", announced: 30_000)
            guard case .restart(_, let lie, _) = try await fixture.handle() else { throw TagResult.NotTagged() }
            #expect(lie.transfer?.mislabelledFiles.map(\.user) == ["anna"])
        }
    }

    @Test func `a file that is missing, another one, or a link restarts the job at the download`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try TagFixture(folder, .flac)
            var changed = fixture.job
            changed.download?.size += 1
            var corrupt = fixture.job
            corrupt.download?.sha256 = String(repeating: "0", count: 64)
            for job in [changed, corrupt] {
                guard case .retry(_, _, from: .download, _) = try await fixture.handle(job) else {
                    throw TagResult.NotTagged()
                }
                #expect(try fixture.names() == ["source.flac"])
            }
            try FileManager.default.removeItem(atPath: fixture.source)
            guard case .retry(_, _, from: .download, _) = try await fixture.handle() else {
                throw TagResult.NotTagged()
            }
            try FileManager.default.createSymbolicLink(
                atPath: fixture.source, withDestinationPath: AudioFixture.flac.url.path)
            guard case .retry(_, _, from: .download, _) = try await fixture.handle() else {
                throw TagResult.NotTagged()
            }
        }
    }

    @Test func `a job without a downloaded file, or with one elsewhere, is invalid`() async throws {
        try await withTemporaryFolder { folder in
            var fixture = try TagFixture(folder, .flac)
            fixture.job.download?.path = "../elsewhere.flac"
            #expect(try await fixture.failure()?.code == .invalidPayload)
            fixture.job.download = nil
            #expect(try await fixture.failure()?.code == .invalidPayload)
        }
    }

    @Test func `a peer's unusable file is recorded, and the job restarts with the next candidate`() async throws {
        try await withTemporaryFolder { folder in
            var fixture = try TagFixture(folder, .flac)
            try fixture.replaceSource(with: Data("<html>busy</html>".utf8))
            let candidate = fixture.comesFrom("anna", sha256: SHA256.hash(data: Data("<html>busy</html>".utf8)))
            guard case .restart(from: .download, let job, let error) = try await fixture.handle() else {
                throw TagResult.NotTagged()
            }
            #expect(error.code == .verificationFailed)
            #expect(job.transfer?.mislabelledFiles.map(\.key) == [candidate.key])
            #expect(job.transfer?.mislabelledFiles.map(\.user) == ["anna"])
            #expect(job.fetchedFromPeer == candidate)
            // The download stage removes the file after it has recorded the peer.
            #expect(try fixture.names() == ["source.flac"])
        }
    }

    @Test func `a file that was damaged after its download is downloaded again, and no peer is blamed`() async throws {
        try await withTemporaryFolder { folder in
            var fixture = try TagFixture(folder, .flac)
            try fixture.replaceSource(with: Data("<html>busy</html>".utf8))
            fixture.comesFrom("anna", sha256: SHA256.hash(data: Data("what came".utf8)))
            guard case .retry(_, _, from: .download, nil) = try await fixture.handle() else {
                throw TagResult.NotTagged()
            }
        }
    }

    @Test func `the announced length is used when the wanted one is unknown`() async throws {
        try await withTemporaryFolder { folder in
            var fixture = try TagFixture(folder, .flac)
            fixture.job.track.durationMS = nil
            fixture.comesFrom("anna", announced: 180_000)
            guard case .restart(from: .download, _, let error) = try await fixture.handle() else {
                throw TagResult.NotTagged()
            }
            #expect(error.message.contains("2 s long and 180 s were announced"))
            fixture.comesFrom("anna", announced: 3000)
            guard case .completed(let job, _) = try await fixture.handle() else { throw TagResult.NotTagged() }
            #expect(job.tag?.verification["length"] == "passed: 1000 ms from the announced length")
        }
    }
}
