extension Completeness {
    /// The pages follow one another without a gap to the end of the file, and the last one says that it is the last.
    static func ogg(_ file: FileBytes) throws(AudioFileError) -> Completeness {
        var offset = try ID3v2Header.end(in: file)
        var lastPages: [UInt32: OggPage] = [:]
        var lastSerial: UInt32?
        while let page = try OggPage(in: file, at: offset), page.end <= file.size {
            if let before = lastPages[page.serial], !page.isFirst, page.sequence != before.sequence &+ 1 {
                return .failed("pages are missing after page \(before.sequence)")
            }
            guard try page.isIntact(in: file) else { return .failed("page \(page.sequence) is damaged") }
            lastPages[page.serial] = page
            guard lastPages.count < 1000 else { return .failed("there are too many streams") }
            lastSerial = page.serial
            offset = page.end
        }
        guard let lastSerial, let last = lastPages[lastSerial] else { return .failed("there is no whole page") }
        guard offset == file.size else {
            return .failed("the last \(file.size - offset) bytes are no whole page")
        }
        guard lastPages.values.allSatisfy(\.isLast) else { return .failed("the end of the stream is missing") }
        return last.granule > 0
            ? .passed("all pages are there, up to sample \(last.granule)") : .failed("the last page has no position")
    }
}
