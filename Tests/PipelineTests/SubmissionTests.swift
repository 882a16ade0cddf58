import AudioFiles
import Contracts
import Foundation
import TestSupport
import Testing

/// Submissions over HTTP and AMQP, from the request to the file in the library.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SubmissionTests {
    @Test func `ten jobs over HTTP and ten from a plain AMQP client become twenty tagged files`()
        async throws
    {
        try await TestBroker.shared().withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url) { stack in
                let collection = try Collection(count: 20, in: stack.source)
                try await stack.start()
                try await stack.waitUntilReady()

                let response = try await stack.submit(Submission(items: collection.submission.items.dropLast(10)))
                #expect(response.items.map(\.status) == Array(repeating: .enqueued, count: 10))
                for item in collection.submission.items.suffix(10) { try await publishPlainly(item, to: vhost) }
                try await expectLibrary(of: collection, in: stack)

                let again = try await stack.submit(collection.submission)
                #expect(again.items.allSatisfy { $0.status == .alreadyProcessed && $0.path != nil })
                #expect(Library(root: stack.music).paths.count == 20)
                try await expectEmptyQueues(vhost)
            }
        }
    }

    /// Publishes a submission with `amqp-publish` of amqp-tools.
    private func publishPlainly(_ item: SubmissionItem, to vhost: TestVhost) async throws {
        let body = try ContractCoding.encode(Submission(items: [item]))
        _ = try await ChildProcess.run(
            "/usr/bin/amqp-publish",
            ["--url", vhost.url, "-e", "hdm.intake", "-r", "submit", "-C", "application/json", "-p"], input: body)
    }

    private func expectLibrary(of collection: Collection, in stack: ServiceStack) async throws {
        let library = Library(root: stack.music)
        try await eventually("twenty files are in the library", timeout: .seconds(90)) {
            library.paths.count >= collection.tracks.count
        }
        #expect(library.paths.count == collection.tracks.count)
        for track in collection.tracks {
            let number = String(format: "%02d", track.trackNumber ?? 0)
            let prefix = "\(track.artist)/1999 - \(track.album ?? "")/\(number) \(track.title)."
            let path = try #require(library.paths.first { $0.hasPrefix(prefix) }, "\(prefix) in \(library.paths)")
            let tags = try library.file(path).tags
            #expect(tags.title == track.title)
            #expect(tags.artist == track.artist)
            #expect(tags.album == track.album)
            #expect(tags.albumArtist == track.albumArtist)
            #expect(tags.trackNumber == track.trackNumber)
            #expect(tags.isrc == track.isrc)
            let date = tags.date ?? ""
            #expect(date.hasPrefix("1999"))
        }
    }
}

/// Waits until all queues are empty.
func expectEmptyQueues(_ vhost: TestVhost) async throws {
    do {
        try await eventually("all queues are empty", timeout: .seconds(30)) { try await leftovers(vhost).isEmpty }
    } catch let error as NotInTime {
        throw NotInTime(description: "\(error): \(try await leftovers(vhost))")
    }
}

/// Returns the depths of queues that are not empty, except those for progress, heartbeats (a killed process leaves its
/// queue for ten minutes) and budgets.
private func leftovers(_ vhost: TestVhost) async throws -> [String: Int] {
    let others = ["hdm.events.progress", "hdm.events.system", "hdm.reply.recovery.", "hdm.budget."]
    return try await vhost.depths().filter { queue, depth in depth > 0 && !others.contains { queue.hasPrefix($0) } }
}
