import Contracts
import Foundation
import Logging
import ServiceKit
import ServiceLifecycle
import TestSupport
import Testing

@testable import PlannerService

@Suite struct TaskRunnerTests {
    private static let slow = ShelfID.of(1, "p")
    private static let fast = ShelfID.of(2, "p")

    @Test func `A step whose catalogue hangs does not stop the other workers`() async throws {
        let (isReached, reached) = AsyncStream.makeStream(of: Void.self)
        let (isReleased, released) = AsyncStream.makeStream(of: Void.self)
        let catalogue = ShelfCatalogue { shelf in
            for list in [Self.slow, Self.fast] { shelf.playlists[list] = [.track(.test(1))] }
            shelf.beforePage = { list in
                guard list == Self.slow else { return }
                reached.yield()
                for await _ in isReleased { return }
            }
        }
        try await PlannerFixture.run { planner in
            let slow = try await planner.insert("spotify:playlist:\(Self.slow)")
            let wake = WakeSignal()
            let runner = TaskRunner(work: planner.expander(catalogue), wake: wake, isAllowed: { true })
            let group = ServiceGroup(
                services: [runner], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await group.run() }
                for await _ in isReached { break }
                let fast = try await planner.insert("spotify:playlist:\(Self.fast)")
                wake.raise()
                try await eventually("the other list is expanded") {
                    try await planner.expansion(fast).state == .completed
                }
                #expect(try await planner.expansion(slow).state == .queued)
                released.finish()
                try await eventually("the slow list is expanded") {
                    try await planner.expansion(slow).state == .completed
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }
}
