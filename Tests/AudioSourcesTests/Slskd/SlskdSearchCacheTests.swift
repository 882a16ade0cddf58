import Contracts
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import AudioSources

/// A number that closures count together.
private final class CallCount: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}

@Suite("Results of slskd for several jobs")
struct SlskdSearchCacheTests {
    private let asked = CallCount()
    private let offer = OfferedFile(source: "slskd", path: "a.mp3", size: 1)

    @Test("The same words are searched once while the result is recent")
    func reuses() async throws {
        let clock = Mutex(ContinuousClock.now)
        let answers = SlskdSearchCache(lifetime: .seconds(60)) { clock.withLock { $0 } }
        for isFresh in [false, false, true] {
            let offers = try await answers.offers(for: "words", isFresh: isFresh) { [self] in ask() }
            #expect(offers == [offer])
        }
        #expect(asked.value == 2)
        clock.withLock { $0 += .seconds(60) }
        _ = try await answers.offers(for: "words", isFresh: false) { [self] in ask() }
        #expect(asked.value == 3)
    }

    @Test("Empty results and failures are not cached")
    func keepsOffersOnly() async throws {
        let answers = SlskdSearchCache(lifetime: .seconds(60))
        for _ in 0..<2 {
            _ = try await answers.offers(for: "nothing", isFresh: false) { [self] in
                ask(); return []
            }
            await #expect(throws: SlskdError.self) {
                try await answers.offers(for: "failure", isFresh: false) { [self] in
                    ask()
                    throw SlskdError(.unavailable, "away")
                }
            }
        }
        #expect(asked.value == 4)
    }

    @Test("Concurrent callers share one search, which continues while one of them waits")
    func joins() async throws {
        let answers = SlskdSearchCache(lifetime: .seconds(60))
        let (stream, release) = AsyncStream.makeStream(of: Void.self)
        let jobs = (0..<3).map { _ in
            Task {
                try await answers.offers(for: "words", isFresh: false) { [self] in
                    for await _ in stream { break }
                    try Task.checkCancellation()
                    return ask()
                }
            }
        }
        try await eventually { answers.waiting(for: "words") == 3 }
        jobs[0].cancel()
        await #expect(throws: CancellationError.self) { try await jobs[0].value }
        release.yield()
        #expect(try await jobs[1].value == [offer])
        #expect(try await jobs[2].value == [offer])
        #expect(asked.value == 1)
    }

    @Test("The last cancelled caller cancels the search and waits for its end, and a later caller starts a new search")
    func cancels() async throws {
        let answers = SlskdSearchCache(lifetime: .seconds(60))
        let ends = CallCount()
        let job = Task {
            try await answers.offers(for: "words", isFresh: false) {
                do {
                    try await Task.sleep(for: .seconds(600))
                } catch {
                    ends.add()
                    throw error
                }
                return []
            }
        }
        try await eventually { answers.waiting(for: "words") == 1 }
        job.cancel()
        await #expect(throws: CancellationError.self) { try await job.value }
        #expect(ends.value == 1)
        let again = try await answers.offers(for: "words", isFresh: false) { [self] in ask() }
        #expect(again == [offer])
    }

    @Test("The oldest entries are removed when the cache is full")
    func isBounded() async throws {
        let answers = SlskdSearchCache(lifetime: .seconds(600), maximumBytes: 2000)
        for words in 0..<20 {
            _ = try await answers.offers(for: "\(words)", isFresh: false) { [self] in ask() }
        }
        #expect(answers.bytes <= 2000)
        #expect(answers.bytes > 0)
        _ = try await answers.offers(for: "19", isFresh: false) { [self] in ask() }
        #expect(asked.value == 20)
        _ = try await answers.offers(for: "0", isFresh: false) { [self] in ask() }
        #expect(asked.value == 21)
    }

    @discardableResult
    private func ask() -> [OfferedFile] {
        asked.add()
        return [offer]
    }
}
