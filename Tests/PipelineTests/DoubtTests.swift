import AudioFiles
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Doubtful files: they enter the library only after a person's approval, and rejections are remembered.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct DoubtTests {
    @Test func `a live version does not enter the library in place of the studio version`() async throws {
        try await withStack { stack in
            try file(
                stack, "Nora Vale/Nora Vale - Midnight Tram (Live at the Depot)", artist: "Nora Vale",
                title: "Midnight Tram (Live at the Depot)")
            let job = try await submit(stack)
            let state = try await waitForOutcome(of: job, stack)
            #expect(["review", "dead_letter"].contains(state))
            #expect(Library(root: stack.music).paths.isEmpty)
            let match = try await match(job, stack)
            #expect(match["outcome"] != "accept")
            let nearest = (match["candidates"]?.elements ?? []) + (match["refused"]?.elements ?? [])
            #expect(nearest.first?["path"]?.stringValue?.contains("(Live") == true, "\(match)")
            let kinds = (nearest.first?["vetoes"]?.elements ?? []).compactMap { $0["kind"]?.stringValue }
            #expect(kinds.contains("version"), "\(match)")
        }
    }

    @Test func `a doubtful file enters the library after a person approves it`() async throws {
        try await withStack { stack in
            try doubtful(stack)
            let job = try await submit(stack)
            #expect(try await waitForOutcome(of: job, stack) == "review")
            #expect(Library(root: stack.music).paths.isEmpty)
            try await decide("approve", job, stack)
            #expect(try await waitForOutcome(of: job, stack) == "completed")
            #expect(Library(root: stack.music).paths.count == 1)
            let review = try await get("/api/v1/reviews/\(job)", stack)
            #expect(review["status"] == "approved")
        }
    }

    @Test func `a rejected file is not offered again for the track, also under another name`()
        async throws
    {
        try await withStack { stack in
            let path = try doubtful(stack)
            let job = try await submit(stack)
            #expect(try await waitForOutcome(of: job, stack) == "review")
            try await decide("reject", job, stack)
            #expect(try await waitForOutcome(of: job, stack) == "cancelled")

            // A copy in another folder has the same content, so it is rejected as well.
            let copy = stack.source.appending(path: "Nora Vale/copies")
            try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: path, to: copy.appending(path: path.lastPathComponent))
            let again = try await submit(stack, key: "once-more")
            #expect(try await waitForOutcome(of: again, stack) == "dead_letter")
            let match = try await match(again, stack)
            #expect(match["left_out"]?.integerValue ?? 0 >= 1)
            #expect(match["candidates"] == [])
            #expect(Library(root: stack.music).paths.isEmpty)
        }
    }

    // MARK: - Setup

    private func withStack(_ test: @Sendable (ServiceStack) async throws -> Void) async throws {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url, settings: ["HDM_FOLDER_RECHECK_S": "0"]) { stack in
                try file(stack, "others/Some Band - Another Song", artist: "Some Band", title: "Another Song")
                try await stack.start()
                try await stack.waitUntilReady()
                try await test(stack)
            }
        }
    }

    @discardableResult
    private func file(_ stack: ServiceStack, _ name: String, artist: String, title: String) throws -> URL {
        var tags = AudioTags()
        tags.artist = artist
        tags.title = title
        return try AudioFixture.flac.copy(to: stack.source, named: name, tags: tags)
    }

    /// Creates a file whose path contains the wanted artist and whose tags contain another one.
    @discardableResult
    private func doubtful(_ stack: ServiceStack) throws -> URL {
        try file(stack, "Nora Vale/Nora Vale - Midnight Tram", artist: "Otto Reim", title: "Midnight Tram")
    }

    private func submit(_ stack: ServiceStack, key: String? = nil) async throws -> JobID {
        var item = SubmissionItem(track: Track(artist: "Nora Vale", title: "Midnight Tram"))
        item.dedupeKey = key
        return try await stack.submit(Submission(items: [item])).items[0].jobID
    }

    /// Waits until a job has ended or waits for a review.
    /// - Returns: The state.
    private func waitForOutcome(of job: JobID, _ stack: ServiceStack) async throws -> String {
        try await eventually("job \(job) has ended or waits for a review", timeout: .seconds(60)) {
            let state = try await stack.job(job)["state"]?.stringValue
            guard state != "review" else {
                return try await stack.status(of: "/api/v1/reviews/\(job)") == 200 ? state : nil
            }
            return state.flatMap(JobState.init(rawValue:)).flatMap { $0.isFinal ? $0.rawValue : nil }
        }
    }

    private func decide(_ verb: String, _ job: JobID, _ stack: ServiceStack) async throws {
        let response = try await stack.request(.post, "/api/v1/reviews/\(job)/\(verb)", body: Data("{}".utf8))
        #expect(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
    }

    private func match(_ job: JobID, _ stack: ServiceStack) async throws -> JSONValue {
        try await get("/api/v1/matches/\(job)", stack)
    }

    private func get(_ path: String, _ stack: ServiceStack) async throws -> JSONValue {
        try ContractCoding.decode(JSONValue.self, from: try await stack.request(.get, path).body)
    }
}
