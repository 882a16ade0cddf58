import Testing

@testable import ServiceKit

@Suite struct BatchBufferTests {
    @Test func `A buffer returns what is available, up to the limit, and ends after finish`() async throws {
        let buffer = BatchBuffer<Int>()
        async let first = buffer.next(limit: 3)
        for number in 1...5 { buffer.append(number) }
        let rest = await first
        let head = try #require(rest)
        #expect(head == Array(1...head.count))
        buffer.finish()
        var all = head
        while let batch = await buffer.next(limit: 3) {
            #expect(batch.count <= 3)
            all += batch
        }
        #expect(all == [1, 2, 3, 4, 5])
    }
}
