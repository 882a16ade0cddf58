import AudioFiles
import Contracts
import Foundation
import Fakes
import TestSupport
import Testing

/// What is nearly the wanted recording never comes into the library by itself; what a person says about it holds.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct DoubtTests {
    @Test func `a track of which only a live version is there does not come into the library`() async throws {
        try await withStack { stack in
            try file(
                stack, "Nora Vale/Nora Vale - Midnight Tram (Live at the Depot)", artist: "Nora Vale",
                title: "Midnight Tram (Live at the Depot)")
            let job = try await submit(stack)
            let state = try await settled(job, stack)
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

    @Test func `a doubtful file that a person approves comes into the library, and is known from then on`() async throws
    {
        try await withStack { stack in
            try doubtful(stack)
            let job = try await submit(stack)
            #expect(try await settled(job, stack) == "review")
            #expect(Library(root: stack.music).paths.isEmpty)
            try await decide("approve", job, stack)
            #expect(try await settled(job, stack) == "completed")
            #expect(Library(root: stack.music).paths.count == 1)
            let review = try await ask(stack, "/api/v1/reviews/\(job)")
            #expect(review["status"] == "approved")
        }
    }

    @Test func `a file that a person rejected is not offered again for the track, whoever asks and under which name`()
        async throws
    {
        try await withStack { stack in
            let path = try doubtful(stack)
            let job = try await submit(stack)
            #expect(try await settled(job, stack) == "review")
            try await decide("reject", job, stack)
            #expect(try await settled(job, stack) == "cancelled")

            // A copy of the same file in another folder is the same wrong file.
            let copy = stack.source.appending(path: "Nora Vale/copies")
            try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: path, to: copy.appending(path: path.lastPathComponent))
            let again = try await submit(stack, key: "once-more")
            #expect(try await settled(again, stack) == "dead_letter")
            let match = try await match(again, stack)
            #expect(match["left_out"]?.integerValue ?? 0 >= 1)
            #expect(match["candidates"] == [])
            #expect(Library(root: stack.music).paths.isEmpty)
        }
    }

    // MARK: - The scene

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

    /// The path says the wanted artist, the tags say another one.
    @discardableResult
    private func doubtful(_ stack: ServiceStack) throws -> URL {
        try file(stack, "Nora Vale/Nora Vale - Midnight Tram", artist: "Otto Reim", title: "Midnight Tram")
    }

    private func submit(_ stack: ServiceStack, key: String? = nil) async throws -> JobID {
        var item = SubmissionItem(track: Track(artist: "Nora Vale", title: "Midnight Tram"))
        item.dedupeKey = key
        return try await stack.submit(Submission(items: [item])).items[0].jobID
    }

    /// The state in which a job stays: its end, or `review`.
    private func settled(_ job: JobID, _ stack: ServiceStack) async throws -> String {
        try await eventually("job \(job) is settled", timeout: .seconds(60)) {
            let state = try await stack.job(job)["state"]?.stringValue
            guard state != "review" else {
                return try await stack.status(of: "/api/v1/reviews/\(job)") == 200 ? state : nil
            }
            return state.flatMap(JobState.init(rawValue:)).flatMap { $0.isFinal ? $0.rawValue : nil }
        }
    }

    private func decide(_ verb: String, _ job: JobID, _ stack: ServiceStack) async throws {
        let answer = try await stack.request(.post, "/api/v1/reviews/\(job)/\(verb)", body: Data("{}".utf8))
        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    private func match(_ job: JobID, _ stack: ServiceStack) async throws -> JSONValue {
        try await ask(stack, "/api/v1/matches/\(job)")
    }

    private func ask(_ stack: ServiceStack, _ path: String) async throws -> JSONValue {
        try ContractCoding.decode(JSONValue.self, from: try await stack.request(.get, path).body)
    }
}
