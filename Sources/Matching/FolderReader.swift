/// Reads the folders of paths. Paths repeat them: each directory is read once, and each folder's name, too.
struct FolderReader {
    /// What all folders of a path say.
    struct Reading {
        var nearest: Words?
        var reading = FolderReading()
        /// Some name is not in Latin letters.
        var isForeign = false
    }

    private struct Entry {
        var name: [UInt8]
        var reading: Reading
    }

    private var entries: [Entry] = []
    /// Places in `entries`, by the hashes of the names.
    private var directories = WordTable(capacity: 512)
    private var folders = WordTable(capacity: 512)

    mutating func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ directory: Range<Int>, wish: Wish.Form, _ names: inout NameReader
    ) -> Reading {
        let name = UnsafeBufferPointer(rebasing: bytes[directory])
        let key = Self.hash(name, Self.seed(wish))
        if let known = directories[key], entries[known].name.elementsEqual(name) { return entries[known].reading }
        var all = Reading()
        for (depth, range) in PathParser.folders(bytes, directory).enumerated() {
            let folder = folder(UnsafeBufferPointer(rebasing: bytes[range]), isNear: depth < 2, wish, &names)
            if depth == 0 { all.nearest = folder.nearest }
            all.reading.add(folder.reading)
            all.isForeign = all.isForeign || folder.isForeign
        }
        directories.insert(key, entries.count)
        entries.append(Entry(name: Array(name), reading: all))
        return all
    }

    private mutating func folder(
        _ name: UnsafeBufferPointer<UInt8>, isNear: Bool, _ wish: Wish.Form, _ names: inout NameReader
    ) -> Reading {
        let key = Self.hash(name, Self.seed(wish) + (isNear ? 4 : 8))
        if let known = folders[key], entries[known].name.elementsEqual(name) { return entries[known].reading }
        var words = Words()
        names.read(name, into: &words)
        let isForeign = words.letters.contains { $0 >= 0x80 }
        if !wish.isAsWritten {
            let written = words
            names.read(latin: written, into: &words)
        }
        let reading = FolderReading(words, isNear: isNear, wish: wish)
        let made = Reading(nearest: words, reading: reading, isForeign: isForeign)
        folders.insert(key, entries.count)
        entries.append(Entry(name: Array(name), reading: made))
        return made
    }

    private static func seed(_ wish: Wish.Form) -> UInt64 { wish.isAsWritten ? 1 : wish.isLoose ? 2 : 3 }

    private static func hash(_ name: UnsafeBufferPointer<UInt8>, _ seed: UInt64) -> UInt64 {
        name.reduce(0xCBF2_9CE4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
