import AudioSources
import Contracts
import Foundation
import ServiceKit
import Synchronization
import TestSupport
import Testing

/// The properties that every registered source has.
@Suite("Every source")
struct SourceConformanceTests {
    static let sources = [SourceUnderTest(FolderFixture.self), SourceUnderTest(SlskdFixture.self)]
    static let wanted = Track(artist: "Band", title: "Song")

    @Test("Every registered source has a fixture here")
    func areAllTested() {
        #expect(Set(Self.sources.map(\.name)) == Set(SourceRegistry.standard.registrations.map(\.name)))
    }

    @Test(
        "offers a file for the recording and for a person's own search words", arguments: sources,
        [SearchQuery(.full, "band song"), SearchQuery(.asked, "album song")])
    func searches(_ source: SourceUnderTest, _ query: SearchQuery) async throws {
        try await source.run { fixture in
            let offer = try await fixture.offer(for: query)
            #expect(offer.source == source.name)
            #expect(offer.size == Int64(fixture.content.count))
            #expect(try await fixture.leftovers().isEmpty)
        }
    }

    @Test("fetches exactly the bytes of the offered file", arguments: sources)
    func fetches(_ source: SourceUnderTest) async throws {
        try await source.run { fixture in
            let order = try await fixture.order()
            try await fixture.withFetch { try await fixture.expectFile(of: try await $0.acquire(order)) }
            #expect(try await fixture.leftovers().isEmpty)
        }
    }

    @Test("leaves nothing behind when the job is cancelled", arguments: sources)
    func cancels(_ source: SourceUnderTest) async throws {
        try await source.run { fixture in
            let order = try await fixture.order()
            try await fixture.withFetch { fetch in
                try await fetch.beginAndCancel(order)
                await fetch.cancel(job: order.job)
                try await fetch.abandon([order.candidate], of: order.job)
            }
            #expect(fixture.jobFiles.isEmpty)
            try await eventually("nothing is left at the provider") { try await fixture.leftovers().isEmpty }
        }
    }

    @Test("continues or repeats the transfer of a killed process, without a duplicate", arguments: sources)
    func resumes(_ source: SourceUnderTest) async throws {
        try await source.run { fixture in
            let order = try await fixture.order()
            // A killed process runs no clean-up, and leaves a partial file of a copy.
            try await fixture.withFetch { try await $0.beginAndCancel(order) }
            try FileManager.default.createDirectory(at: fixture.jobFolder, withIntermediateDirectories: true)
            try Data("half".utf8).write(to: fixture.jobFolder.appending(path: ".source.flac.1.partial"))
            try await fixture.withFetch { fetch in
                let file = try await fetch.acquire(order)
                try await fixture.expectFile(of: file)
                // The process may also be killed after the transfer and before the job is recorded.
                #expect(try await fetch.acquire(order) == file)
            }
            try await fixture.withFetch { try await fixture.expectFile(of: try await $0.acquire(order)) }
            #expect(fixture.orders ?? 1 == 1)
            #expect(try await fixture.leftovers().isEmpty)
        }
    }

    @Test("reports why it is not ready", arguments: sources)
    func reportsReadiness(_ source: SourceUnderTest) async throws {
        try await source.run { fixture in
            try await fixture.withSearch { search in
                try await eventually("the source is ready") { await search.readiness() == .ready }
                try await fixture.disconnect()
                try await eventually("the source is not ready") { await search.readiness().problem?.isEmpty == false }
            }
            try await fixture.withFetch { fetch in
                try await eventually("the source is not ready") { await fetch.readiness().problem?.isEmpty == false }
            }
        }
    }

    @Test("names the setting that is missing", arguments: sources)
    func namesMissingSetting(_ source: SourceUnderTest) async throws {
        try await source.run { fixture in
            var problem: String?
            do {
                let part = try await source.registration.makeFetch(fixture.environment([:]))
                problem = await part.source.readiness().problem
            } catch let error as SettingsError {
                problem = error.description
            }
            let names = source.registration.settings.map(\.name)
            #expect(names.contains { problem?.contains($0) == true }, "\(problem ?? "ready")")
        }
    }
}

/// A source in the arguments of a test.
struct SourceUnderTest: Sendable, CustomTestStringConvertible {
    let registration: SourceRegistration
    let run: @Sendable (_ test: (any SourceFixture) async throws -> Void) async throws -> Void

    init<Fixture: SourceFixture>(_ fixture: Fixture.Type) {
        registration = Fixture.registration
        run = { test in try await Fixture.run { try await test($0) } }
    }

    var name: String { registration.name }
    var testDescription: String { name }
}

extension SourceFixture {
    /// Searches with a source that is ready.
    func offer(for query: SearchQuery = SearchQuery(.full, "band song")) async throws -> OfferedFile {
        let offers = Mutex<[OfferedFile]>([])
        try await withSearch { search in
            try await eventually("the source is ready") { await search.readiness() == .ready }
            let request = SearchRequest(query, for: SourceConformanceTests.wanted, limit: 10)
            let found = try await search.search(request, within: UnlimitedSearches())
            offers.withLock { $0 = found }
        }
        guard let offer = offers.withLock({ $0.first }) else { throw NotInTime(description: "no file was offered") }
        return offer
    }

    func order() async throws -> TransferOrder {
        let offer = try await offer()
        let candidate = Candidate(
            source: offer.source, user: offer.user, path: offer.path, size: offer.size, score: 1)
        return TransferOrder(candidate, job: JobID(), into: jobFolder)
    }

    /// Checks that the job's folder contains the offered file and nothing else.
    func expectFile(of acquired: AcquiredFile) async throws {
        #expect(try Data(contentsOf: acquired.file) == content)
        #expect(acquired.size == Int64(content.count))
        #expect(jobFiles == [acquired.file.lastPathComponent])
    }
}

extension FetchSource {
    /// Follows the transfer to its end.
    func acquire(_ order: TransferOrder) async throws -> AcquiredFile {
        guard case .acquired(let file) = try await follow(order, report: { _ in }) else {
            throw NotInTime(description: "the transfer did not end")
        }
        return file
    }

    /// Starts the transfer, and cancels its task as soon as bytes have arrived.
    func beginAndCancel(_ order: TransferOrder) async throws {
        let task = Mutex<Task<TransferResult, any Error>?>(nil)
        let begun = Task {
            try await follow(order) { step in
                guard case .progress = step else { return }
                while !task.withLock({ $0?.cancel() != nil }) { usleep(100) }
            }
        }
        task.withLock { $0 = begun }
        await #expect(throws: CancellationError.self) { _ = try await begun.value }
    }
}
