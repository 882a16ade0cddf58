import Contracts
import TestSupport
import Testing

@testable import ServiceKit

struct PrioritySemaphoreTests {
    @Test func `A free slot goes to the highest class that waits, and within it to the first`() async throws {
        let slots = PrioritySemaphore(1)
        _ = await slots.acquire(.low, within: .seconds(60))
        let order = Shared<[String]>([])
        let classes: [PriorityClass] = [.low, .middle, .high, .low, .high, .middle]
        try await withThrowingTaskGroup { group in
            for (number, priority) in classes.enumerated() {
                group.addTask {
                    _ = await slots.acquire(priority, within: .seconds(60))
                    order.change { $0.append("\(priority) \(number)") }
                    slots.release()
                }
                try await eventually("caller \(number) waits") { slots.waitingCount == number + 1 }
            }
            slots.release()
            try await group.waitForAll()
        }
        #expect(order.value == ["high 2", "high 4", "middle 1", "middle 5", "low 0", "low 3"])
    }

    @Test func `Released slots can be acquired again, and never more than there are`() async {
        let slots = PrioritySemaphore(3)
        let state = Shared((now: 0, most: 0))
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    _ = await slots.acquire(.middle, within: .seconds(60))
                    state.change {
                        $0.now += 1
                        $0.most = max($0.most, $0.now)
                    }
                    await Task.yield()
                    state.change { $0.now -= 1 }
                    slots.release()
                }
            }
        }
        #expect(state.value.most <= 3)
        #expect(state.value.now == 0)
    }
}
